// Shows a grid's images with the labels of its axes; a click on a cell opens its job.
const SHOWN = new WeakMap();

function label(text, className) {
  const box = document.createElement("div");
  box.className = className;
  box.textContent = text;
  box.title = text;
  return box;
}

function cell(data, pick) {
  if (!data) return document.createElement("span");
  const button = document.createElement("button");
  button.type = "button";
  button.className = data.open ? "cell open" : "cell";
  button.title = data.name;
  button.setAttribute("aria-label", data.name);
  button.disabled = !data.job;
  if (data.thumb) {
    const image = document.createElement("img");
    image.loading = "lazy";
    image.alt = "";
    image.src = data.thumb;
    button.append(image);
  } else {
    button.append(label(data.state, "state"));
  }
  button.onclick = () => pick(data.job);
  return button;
}

function sheet(data, number, pick) {
  const table = document.createElement("div");
  const hasRows = data.rows.length > 0;
  table.className = "sheet";
  const columns = `repeat(${data.columns}, minmax(72px, 1fr))`;
  table.style.gridTemplateColumns = hasRows ? `minmax(56px, 0.6fr) ${columns}` : columns;
  data.sheets[number].forEach((cells, row) => {
    const captions = data.captions[row];
    if (captions.length) {
      if (hasRows) table.append(document.createElement("span"));
      for (let at = 0; at < data.columns; at += 1) table.append(label(captions[at] ?? "", "x"));
    }
    if (hasRows) table.append(label(data.rows[row], "y"));
    table.append(...cells.map((each) => cell(each, pick)));
  });
  return table;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data);
  if (SHOWN.get(parentElement) === key) return;
  SHOWN.set(parentElement, key);
  const focused = [...root.querySelectorAll("button")].indexOf(root.getRootNode().activeElement);
  const pick = (job) => setTriggerValue("pick", job);
  const parts = data.sheets.flatMap((_, number) => {
    const title = data.titles[number];
    const shown = sheet(data, number, pick);
    return title ? [label(title, "z"), shown] : [shown];
  });
  root.replaceChildren(...parts);
  if (focused >= 0) root.querySelectorAll("button")[focused]?.focus();
}
