// Shows one image large, with zoom, pan and full screen, and the others of its job below.
// Where maps steered it, image, map, and the map over the image can be flipped through.
import { PanZoom } from "./pan_zoom.js";
import { labelledButton, labelledGroup, isFullScreen, zoomKey, zoomTools } from "./tools.js";

const VIEWERS = new WeakMap();
const VIEWS = ["picture", "overlay", "map"];

// The map's colours without its ground: what is black there is clear here.
const CLEAR = `<svg class="filters" width="0" height="0" aria-hidden="true"><filter id="clear"
  color-interpolation-filters="sRGB"><feColorMatrix
  values="1 0 0 0 0  0 1 0 0 0  0 0 1 0 0  3 3 3 0 0"/></filter></svg>`;

function choices(label, words, pick) {
  const buttons = words.map(([value, text]) => {
    const one = labelledButton(text, "", () => pick(value));
    one.dataset.value = value;
    return one;
  });
  return labelledGroup("views", label, ...buttons);
}

function press(buttons, value) {
  [...buttons.children].forEach((one) =>
    one.setAttribute("aria-pressed", one.dataset.value === String(value)));
}

class Viewer {
  constructor(root, data, send) {
    Object.assign(this, { root, data, send, at: data.chosen, view: "picture", map: data.first });
    root.className = "root viewer";
    this.build();
    this.show(this.at);
    root.onkeydown = (event) => this.key(event);
  }

  build() {
    const { root, data } = this, { texts } = data;
    root.innerHTML = `<div class="frame" tabindex="0" role="group"><img></div>
      <p class="place" role="status"></p>`;
    this.frame = root.querySelector(".frame");
    this.image = this.frame.querySelector("img");
    this.place = root.querySelector(".place");
    this.frame.setAttribute("aria-label", texts.viewer);
    this.frame.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight + - 0 1 f");
    this.frame.title = texts.keys;
    this.pan = new PanZoom({
      boxes: [this.frame],
      layers: () => this.frame.querySelectorAll("img"),
      natural: () => data.items[this.at],
      wheels: () => this.frame.matches(":focus-within") || isFullScreen(root),
      changed: () => this.told?.(),
    });
    const { tools, told } = zoomTools(this.pan, texts, root);
    this.told = told;
    this.link = document.createElement("a");
    Object.assign(this.link, { target: "_blank", rel: "noopener", textContent: texts.original });
    tools.append(this.link);
    this.place.before(tools);
    if (data.maps.length) this.flip();
    if (data.items.length > 1) this.strip();
  }

  strip() {
    const small = this.data.items.map((item, index) => {
      const one = labelledButton("", item.label, () => this.pick(index));
      one.className = "small";
      const image = document.createElement("img");
      Object.assign(image, { src: item.thumb, alt: "" });
      one.append(image);
      return one;
    });
    this.small = small;
    this.root.append(labelledGroup("strip", this.data.texts.pictures, ...small));
  }

  flip() {
    const { maps, texts } = this.data;
    this.layer = document.createElement("img");
    this.layer.className = "map";
    this.frame.append(this.layer);
    this.frame.insertAdjacentHTML("beforeend", CLEAR);
    const words = VIEWS.map((view) => [view, texts[view]]);
    this.views = choices(texts.views, words, (view) => this.turn({ view }));
    this.units = choices(texts.maps, maps.map(({ name }, i) => [i, name]),
      (map) => this.turn({ map }));
    this.frame.after(...(maps.length > 1 ? [this.views, this.units] : [this.views]));
    if (maps.length === 1) {
      this.views.querySelector("[data-value=map]").textContent = maps[0].name;
    }
    this.turn({});
  }

  turn(change) {
    Object.assign(this, change);
    const { alt, url } = this.data.maps[this.map];
    this.frame.dataset.view = this.view;
    if (this.layer.getAttribute("src") !== url) this.layer.src = url;
    this.layer.alt = alt;
    press(this.views, this.view);
    press(this.units, this.map);
  }

  // The small image stands in the place of the large one until that has come.
  show(index) {
    const { items, texts } = this.data, item = items[index];
    this.at = index;
    this.frame.style.aspectRatio = `${item.width}/${item.height}`;
    this.image.style.backgroundImage = `url("${item.thumb}")`;
    this.image.alt = item.alt;
    if (this.image.getAttribute("src") !== item.full) this.image.src = item.full;
    this.link.href = item.full;
    this.place.textContent = items.length > 1
      ? texts.place.replace("{0}", index + 1).replace("{1}", items.length) : "";
    this.small?.forEach((one, i) => {
      one.classList.toggle("chosen", i === index);
      one.setAttribute("aria-pressed", i === index);
    });
    this.pan.fit();
  }

  pick(index) {
    this.show(index);
    this.send.state("chosen", `${this.data.job}:${index}`);
  }

  // Past the last image comes the next job of the list, where the page has one.
  step(by) {
    const next = this.at + by;
    if (next >= 0 && next < this.data.items.length) this.pick(next);
    else if (this.data.neighbours[by > 0 ? 1 : 0]) this.send.trigger("neighbour", by);
  }

  key(event) {
    if (event.target.closest("input, textarea")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (zoomKey(event, this.pan, this.root)) event.preventDefault();
    else if (by && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.step(by);
    }
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify({ ...data, chosen: 0 });
  const before = VIEWERS.get(parentElement);
  const send = { state: setStateValue, trigger: setTriggerValue };
  if (before?.key === key) {
    before.viewer.send = send;
    if (before.viewer.at !== data.chosen) before.viewer.show(data.chosen);
    return;
  }
  const hadFocus = before?.viewer.frame.matches(":focus");
  const viewer = new Viewer(root, data, send);
  VIEWERS.set(parentElement, { key, viewer });
  if (hadFocus) viewer.frame.focus(); // the keys go on with the next job
}
