// Lists jobs as rows with a thumbnail; a click, Enter or Space chooses one.
const STATE = new WeakMap();

function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}

function thumb(row) {
  const box = span("thumb", "");
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
  box.append(span(`badge ${row.tone}`, row.state), span("doing", row.doing));
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
