// Compares two images: a slider between them, side by side with zoom and pan in step, or what
// differs. The difference is blended by the browser, which reads no pixel: the images may come from
// another host. Images of other sizes are fitted into the same box.
import { PanZoom } from "../viewer/pan_zoom.js";
import { labelledButton, labelledGroup, isFullScreen, zoomKey, zoomTools } from "../viewer/tools.js";

const COMPARISONS = new WeakMap();
const KEPT = { mode: "slider", divide: 50, amplify: 4 }; // for the next pair, until a reload
const MODES = ["slider", "side", "difference"];
const STEP = 2;

function range(label, { min, max, value }, act) {
  const made = document.createElement("input");
  Object.assign(made, { type: "range", min, max, value });
  made.setAttribute("aria-label", label);
  made.title = label;
  made.oninput = () => act(Number(made.value));
  return made;
}

// The small image stands in the place of the large one until that has come.
function pane(side, name) {
  const made = document.createElement("div");
  made.className = `pane ${name}`;
  const image = document.createElement("img");
  Object.assign(image, { src: side.url, alt: side.alt });
  if (side.thumb) image.style.backgroundImage = `url("${side.thumb}")`;
  const label = document.createElement("span");
  label.className = "label";
  label.textContent = side.label;
  made.append(image, label);
  return made;
}

class Comparison {
  constructor(root, data, send) {
    Object.assign(this, { root, data, send });
    root.className = "root compare";
    this.build();
    this.show();
    root.onkeydown = (event) => this.key(event);
  }

  build() {
    const { root, data } = this, { texts, left, right } = data;
    this.stage = document.createElement("div");
    this.stage.className = "stage";
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "group");
    this.stage.setAttribute("aria-label", texts.stage);
    this.stage.title = texts.keys;
    this.stage.style.setProperty("--ratio", `${right.width}/${right.height}`);
    this.panes = [pane(left, "left"), pane(right, "right")];
    this.divider = document.createElement("div");
    this.divider.className = "divider";
    this.stage.append(...this.panes, this.divider);
    this.drag();
    this.zooming = new PanZoom({
      boxes: this.panes,
      layers: () => this.panes.map((each) => each.querySelector("img")),
      natural: () => data.right,
      wheels: () => this.stage.matches(":focus-within") || isFullScreen(root),
      changed: () => this.told?.(),
    });
    const modes = MODES.map((mode) => labelledButton(texts[mode], "", () => this.set({ mode })));
    this.modes = labelledGroup("views", texts.modes, ...modes);
    this.divide = range(texts.divide, { min: 0, max: 100, value: KEPT.divide },
      (divide) => this.set({ divide }));
    this.amplify = range(texts.amplify, { min: 1, max: 32, value: KEPT.amplify },
      (amplify) => this.set({ amplify }));
    const { tools, told } = zoomTools(this.zooming, texts, root);
    this.told = told;
    const swap = () => this.send.state("swapped", !data.swapped);
    tools.append(labelledButton(texts.swap, texts.swap_help, swap));
    root.replaceChildren(this.modes, this.stage, this.divide, this.amplify, tools);
    this.zooming.fit();
  }

  drag() {
    const move = (event) => {
      const { left, width } = this.stage.getBoundingClientRect();
      const share = Math.round((100 * (event.clientX - left)) / width);
      this.set({ divide: Math.min(100, Math.max(0, share)) });
    };
    this.divider.onpointerdown = (event) => {
      this.divider.setPointerCapture(event.pointerId);
      this.divider.onpointermove = move;
      event.preventDefault();
    };
    this.divider.onpointerup = () => { this.divider.onpointermove = null; };
  }

  set(change) {
    const isOther = change.mode && change.mode !== KEPT.mode;
    Object.assign(KEPT, change);
    this.show();
    if (isOther) this.zooming.fit();
  }

  show() {
    const { mode, divide, amplify } = KEPT;
    this.stage.dataset.mode = mode;
    this.stage.style.setProperty("--divide", `${divide}%`);
    this.stage.style.filter = mode === "difference" ? `brightness(${amplify})` : "";
    this.divide.value = divide;
    this.divide.hidden = mode !== "slider";
    this.amplify.hidden = mode !== "difference";
    [...this.modes.children].forEach((one, i) =>
      one.setAttribute("aria-pressed", MODES[i] === mode));
  }

  key(event) {
    if (event.target.closest("input")) return;
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    const divide = Math.min(100, Math.max(0, KEPT.divide + (by ?? 0)));
    if (zoomKey(event, this.zooming, this.root)) event.preventDefault();
    else if (by && KEPT.mode === "slider") {
      event.preventDefault();
      this.set({ divide });
    }
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data);
  const send = { state: setStateValue };
  const before = COMPARISONS.get(parentElement);
  if (before?.key === key) {
    before.comparison.send = send;
    return;
  }
  COMPARISONS.set(parentElement, { key, comparison: new Comparison(root, data, send) });
}
