// Shows one picture large and the others of its job below; a click on a small one chooses it.
// Where a map steered it, picture, map, and the map over the picture can be flipped through.
const STATE = new WeakMap();
const VIEW = new WeakMap();
const VIEWS = { picture: "Picture", overlay: "Overlay", pose: "Pose" };

function button(item, index, chosen, pick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = index === chosen ? "small chosen" : "small";
  element.setAttribute("aria-pressed", index === chosen);
  element.setAttribute("aria-label", `Picture ${index + 1}`);
  const image = document.createElement("img");
  image.src = item.thumb;
  image.alt = "";
  element.append(image);
  element.onclick = () => pick(index);
  return element;
}

function flip(root, parentElement, data) {
  const frame = root.querySelector("a");
  const layer = document.createElement("img");
  layer.className = "map";
  layer.alt = "The map that steered the picture";
  layer.src = data.map;
  frame.append(layer);
  const bar = document.createElement("div");
  bar.className = "views";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "What is shown");
  const show = (view) => {
    VIEW.set(parentElement, view);
    frame.dataset.view = view;
    [...bar.children].forEach((one) => one.setAttribute("aria-pressed", one.dataset.view === view));
  };
  for (const [view, label] of Object.entries(VIEWS)) {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = label;
    one.dataset.view = view;
    one.onclick = () => show(view);
    bar.append(one);
  }
  frame.after(bar);
  show(VIEW.get(parentElement) ?? "picture");
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const item = data.items[data.chosen];
  root.innerHTML = `<a class="frame" target="_blank" rel="noopener"
    title="Open the original" style="aspect-ratio:${item.width}/${item.height}"><img></a>
    <div class="strip" role="group" aria-label="Pictures of this job"></div>`;
  root.querySelector("a").href = item.full;
  const image = root.querySelector("a img");
  image.alt = item.alt;
  image.style.backgroundImage = `url("${item.thumb}")`;
  image.src = item.full;
  if (data.map) flip(root, parentElement, data);
  if (data.items.length < 2) return;
  const pick = (index) => setStateValue("chosen", index);
  const buttons = data.items.map((one, index) => button(one, index, data.chosen, pick));
  root.querySelector(".strip").append(...buttons);
}
