// Lists jobs as rows with a thumbnail; a click, Enter or Space chooses one.
const STATE = new WeakMap();

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

// Another's private job. The path is Material's `lock`.
function lock() {
  const SVG = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 -960 960 960");
  icon.setAttribute("class", "lock");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute(
    "d",
    "M240-80q-33 0-56.5-23.5T160-160v-400q0-33 23.5-56.5T240-640h40v-80q0-83 58.5-141.5T480-920q83 0 " +
      "141.5 58.5T680-720v80h40q33 0 56.5 23.5T800-560v400q0 33-23.5 56.5T720-80H240Zm240-200q33 0 " +
      "56.5-23.5T560-360q0-33-23.5-56.5T480-440q-33 0-56.5 23.5T400-360q0 33 23.5 56.5T480-280ZM360" +
      "-640h240v-80q0-50-35-85t-85-35q-50 0-85 35t-35 85v80Z",
  );
  icon.append(path);
  return icon;
}

function thumb(row) {
  const box = span("thumb", "");
  if (row.locked) box.append(lock());
  if (!row.thumb) return box;
  const image = document.createElement("img");
  image.loading = "lazy";
  image.alt = "";
  image.src = row.thumb;
  box.append(image);
  return box;
}

function state(row) {
  const box = span("state", "");
  box.append(span(`badge ${row.tone}`, row.state));
  if (row.mark) box.append(span("mark", row.mark));
  box.append(span("doing", row.doing));
  if (row.share > 0) {
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = row.share;
    box.append(bar);
  }
  return box;
}

function line(row, chosen, pick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = row.id === chosen ? "row chosen" : "row";
  element.setAttribute("aria-current", row.id === chosen);
  const words = span("words", "");
  const name = span("name", `${row.time} → `);
  name.append(span("id", row.id));
  words.append(name, span("prompt", row.prompt), state(row));
  element.append(thumb(row), words);
  element.onclick = () => pick(row.id);
  return element;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const root = parentElement.querySelector(".root");
  const held = [...root.children].indexOf(parentElement.activeElement);
  root.replaceChildren(...data.rows.map((row) => line(row, data.chosen, (id) => setTriggerValue("pick", id))));
  if (held >= 0 && root.children[held]) root.children[held].focus();
}
