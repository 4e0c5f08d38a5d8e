// Shows one picture large and the others of its job below; a click on a small one chooses it.
// Where maps steered it, picture, map, and the map over the picture can be flipped through.
const STATE = new WeakMap();
const VIEW = new WeakMap();
const VIEWS = ["picture", "overlay", "map"];

function button(item, index, chosen, pick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = index === chosen ? "small chosen" : "small";
  element.setAttribute("aria-pressed", index === chosen);
  element.setAttribute("aria-label", item.label);
  const image = document.createElement("img");
  image.src = item.thumb;
  image.alt = "";
  element.append(image);
  element.onclick = () => pick(index);
  return element;
}

// The map's colours without its ground: what is black there is clear here.
const CLEAR = `<svg width="0" height="0" aria-hidden="true"><filter id="clear"
  color-interpolation-filters="sRGB"><feColorMatrix
  values="1 0 0 0 0  0 1 0 0 0  0 0 1 0 0  3 3 3 0 0"/></filter></svg>`;

function bar(label, words, pick) {
  const group = document.createElement("div");
  group.className = "views";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", label);
  words.forEach(([value, text]) => {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = text;
    one.onclick = () => pick(value);
    one.dataset.value = value;
    group.append(one);
  });
  return group;
}

function press(group, value) {
  [...group.children].forEach((one) =>
    one.setAttribute("aria-pressed", one.dataset.value === String(value)));
}

function flip(root, parentElement, { maps, first, texts }) {
  const frame = root.querySelector("a");
  frame.insertAdjacentHTML("beforeend", `${CLEAR}<img class="map">`);
  const layer = frame.querySelector("img.map");
  const seen = VIEW.get(parentElement) ?? { view: "picture", map: first };
  const words = VIEWS.map((view) => [view, texts[view]]);
  const views = bar(texts.views, words, (view) => show({ view }));
  const units = bar(texts.maps, maps.map(({ name }, i) => [i, name]), (map) => show({ map }));
  function show(change) {
    VIEW.set(parentElement, Object.assign(seen, change));
    const { alt, url } = maps[seen.map];
    frame.dataset.view = seen.view;
    if (layer.getAttribute("src") !== url) layer.src = url;
    layer.alt = alt;
    press(views, seen.view);
    press(units, seen.map);
  }
  frame.after(...(maps.length > 1 ? [views, units] : [views]));
  if (maps.length === 1) views.querySelector("[data-value=map]").textContent = maps[0].name;
  show({});
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const item = data.items[data.chosen];
  root.innerHTML = `<a class="frame" target="_blank" rel="noopener"
    style="aspect-ratio:${item.width}/${item.height}"><img></a>
    <div class="strip" role="group"></div>`;
  const link = root.querySelector("a"), strip = root.querySelector(".strip");
  link.href = item.full;
  link.title = data.texts.original;
  strip.setAttribute("aria-label", data.texts.pictures);
  const image = link.querySelector("img");
  image.alt = item.alt;
  image.style.backgroundImage = `url("${item.thumb}")`;
  image.src = item.full;
  if (data.maps.length) flip(root, parentElement, data);
  if (data.items.length < 2) return;
  const pick = (index) => setStateValue("chosen", index);
  const buttons = data.items.map((one, index) => button(one, index, data.chosen, pick));
  strip.append(...buttons);
}
