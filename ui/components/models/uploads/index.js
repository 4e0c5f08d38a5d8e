// Lists uploads with a bar each; a button asks to pause, go on, stop, try again or remove one.
const STATE = new WeakMap();
const SVG = "http://www.w3.org/2000/svg";

// Strokes in a box of 24 by 24: where a file comes from, and what can be asked for.
const SYMBOLS = {
  path: "M3 6h6l2 2h10v11H3z",
  browser: "M3 5h18v11H3zM8 20h8M12 16v4",
  url: "M12 3a9 9 0 1 0 .01 0M3 12h18M12 3c3.5 3.5 3.5 14.5 0 18M12 3c-3.5 3.5-3.5 14.5 0 18",
  s3: "M4 6c0-2 16-2 16 0v12c0 2-16 2-16 0zM4 6c0 2 16 2 16 0M4 12c0 2 16 2 16 0",
  pause: "M8 5v14M16 5v14",
  resume: "M7 4l13 8-13 8z",
  cancel: "M5 5l14 14M19 5L5 19",
  retry: "M20 11a8 8 0 1 0-2 6M20 5v6h-6",
  remove: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
};

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function symbol(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "symbol");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SYMBOLS[name] ?? "");
  svg.append(path);
  return svg;
}

function bar(row) {
  const line = element("progress", "");
  line.max = 1;
  if (row.fraction !== null) line.value = row.fraction;
  return line;
}

function button(action, row, texts, ask) {
  const made = element("button", "ask");
  made.type = "button";
  made.dataset.of = `${row.id} ${action}`;
  made.title = `${texts[action]} (${row.name})`;
  made.setAttribute("aria-label", made.title);
  made.append(symbol(action));
  made.onclick = () => ask({ action, id: row.id });
  return made;
}

function line(row, texts, ask) {
  const box = element("li", "upload");
  const source = element("span", "source");
  source.title = row.from;
  source.append(symbol(row.source));
  const words = element("div", "words");
  const head = element("div", "head");
  head.append(element("span", "name", row.name), element("span", `stage ${row.tone}`, row.stage));
  words.append(head, element("div", "detail", row.detail));
  if (row.moves) words.append(bar(row));
  if (row.message) words.append(element("div", `message ${row.tone}`, row.message));
  const asks = element("span", "asks");
  asks.append(...row.actions.map((action) => button(action, row, texts, ask)));
  box.append(source, words, asks);
  return box;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const root = parentElement.querySelector(".root");
  const held = root.getRootNode().activeElement?.dataset?.of;
  const top = root.firstElementChild?.scrollTop ?? 0;
  const list = element("ul", "list");
  const ask = (wish) => setTriggerValue("ask", wish);
  list.append(...data.rows.map((row) => line(row, data.texts, ask)));
  root.replaceChildren(list);
  list.scrollTop = top;
  if (held) root.querySelector(`[data-of="${CSS.escape(held)}"]`)?.focus();
}
