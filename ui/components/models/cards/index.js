// Shows models as cards in a grid; a click opens one, the star makes it a favourite.
const STATE = new WeakMap();
const SVG = "http://www.w3.org/2000/svg";

// What stands for a model without a thumbnail, by its kind: strokes in a box of 24 by 24.
const SYMBOLS = {
  "Stable-diffusion": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  Lora: "M12 4 3 9l9 5 9-5zM3 14.5l9 5 9-5",
  ControlNet: "M12 3a2 2 0 1 0 .01 0M12 8v7M6 10h12M12 15l-4 6M12 15l4 6",
  embeddings: "M4 6h16M4 12h10M4 18h13",
  VAE: "M4 4v16l8-6v-4zM20 4v16l-8-6v-4z",
  ESRGAN: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  annotators: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 .01 0",
};
const STAR =
  "M12 3.6l2.6 5.3 5.8.85-4.2 4.1 1 5.8-5.2-2.75-5.2 2.75 1-5.8-4.2-4.1 5.8-.85z";

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function symbol(strokes, name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", strokes);
  svg.append(path);
  return svg;
}

// File names have no spaces: they may break after their other signs.
function titleOf(card) {
  const title = element("span", "title");
  for (const part of card.title.split(/(?<=[_-])/)) title.append(part, document.createElement("wbr"));
  return title;
}

function picture(card) {
  const box = element("span", "picture");
  box.append(symbol(SYMBOLS[card.kind] ?? "", "symbol"));
  if (!card.thumb) return box;
  const image = element("img", "");
  image.loading = "lazy";
  image.alt = "";
  image.onerror = () => image.remove();
  image.src = card.thumb;
  box.append(image);
  return box;
}

function star(card, texts, set) {
  const button = element("button", card.favourite ? "star is" : "star");
  button.type = "button";
  button.title = card.favourite ? texts.unstar : texts.star;
  button.setAttribute("aria-pressed", Boolean(card.favourite));
  button.append(symbol(STAR, "shape"));
  button.onclick = () => set("star", card.key);
  return button;
}

function cardOf(card, texts, set) {
  const box = element("article", "card");
  const open = element("button", "open");
  open.type = "button";
  open.title = card.file;
  const words = element("span", "words");
  words.append(titleOf(card), element("span", "meta", card.meta));
  const badges = element("span", "badges");
  for (const badge of card.badges) badges.append(element("span", `badge ${badge.tone}`, badge.text));
  badges.append(element("span", "size", card.size));
  words.append(badges);
  open.append(picture(card), words);
  open.onclick = () => set("open", card.key);
  box.append(open, star(card, texts, set));
  return box;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const root = parentElement.querySelector(".root");
  const all = () => [...root.querySelectorAll("button")];
  const held = all().indexOf(parentElement.activeElement ?? document.activeElement);
  root.replaceChildren(...data.cards.map((card) => cardOf(card, data.texts, setTriggerValue)));
  if (held >= 0) all()[held]?.focus();
}
