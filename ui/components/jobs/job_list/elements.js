// Makes the parts that a row of the list and a tile of the gallery have in common.
const SVG = "http://www.w3.org/2000/svg";
const STAR =
  "M12 3.6l2.6 5.3 5.8.85-4.2 4.1 1 5.8-5.2-2.75-5.2 2.75 1-5.8-4.2-4.1 5.8-.85z";
// Another's private job. The path is Material's `lock`.
const LOCK =
  "M240-80q-33 0-56.5-23.5T160-160v-400q0-33 23.5-56.5T240-640h40v-80q0-83 58.5-141.5T480-920q83 0 " +
  "141.5 58.5T680-720v80h40q33 0 56.5 23.5T800-560v400q0 33-23.5 56.5T720-80H240Zm240-200q33 0 " +
  "56.5-23.5T560-360q0-33-23.5-56.5T480-440q-33 0-56.5 23.5T400-360q0 33 23.5 56.5T480-280ZM360" +
  "-640h240v-80q0-50-35-85t-85-35q-50 0-85 35t-35 85v80Z";

export function make(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function symbol(strokes, name, box) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", strokes);
  svg.append(path);
  return svg;
}

export function thumb(row) {
  const box = make("span", "thumb");
  if (row.locked) box.append(symbol(LOCK, "lock", "0 -960 960 960"));
  if (!row.thumb) return box;
  const image = make("img", "");
  image.loading = "lazy";
  image.decoding = "async";
  image.alt = "";
  image.src = row.thumb;
  box.append(image);
  return box;
}

export function titleOf(row) {
  return `${row.time} → ${row.id}`;
}

export function badge(row) {
  return make("span", `badge ${row.tone}`, row.state);
}

// The box by which a job is selected; a click with Shift selects all from the last one on.
export function tick(row, texts, toggle) {
  const label = make("label", "tick");
  const box = make("input", "");
  box.type = "checkbox";
  box.ariaLabel = texts.select.replace("{}", titleOf(row));
  box.onclick = (event) => toggle(row.id, event.shiftKey);
  label.append(box);
  return label;
}

export function star(row, texts, set) {
  const button = make("button", row.starred ? "star is" : "star");
  button.type = "button";
  button.title = row.starred ? texts.unstar : texts.star;
  button.ariaLabel = [button.title, titleOf(row)].join(": ");
  button.setAttribute("aria-pressed", Boolean(row.starred));
  button.append(symbol(STAR, "shape", "0 0 24 24"));
  button.onclick = () => set("star", row.id);
  return button;
}
