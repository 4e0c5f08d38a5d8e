// The frame of an extended image: its edges are dragged outward, or moved by the arrow keys.
import { fillIn } from "../../pose_editor/view/texts.js";
import { ARROWS, consume } from "../../pose_editor/input/key_events.js";

const SIDES = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }; // where each grows
const AROUND = 0.25; // room to drag into on each side, in the longest side of what is shown
const frames = new WeakMap();

class OutpaintFrame {
  constructor(root, { texts }) {
    this.root = root;
    root.innerHTML = `<div class="stage"><div class="new"></div><img alt=""></div>`;
    this.stage = root.querySelector(".stage");
    this.area = root.querySelector(".new");
    this.image = root.querySelector("img");
    this.area.setAttribute("role", "group");
    this.area.setAttribute("aria-label", texts.frame);
    this.handles = Object.fromEntries(Object.keys(SIDES).map((side) => [side, this.handle(side, texts)]));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
  }

  handle(side, texts) {
    const handle = document.createElement("div");
    Object.assign(handle, { className: `handle ${side}`, tabIndex: 0, role: "slider" });
    handle.setAttribute("aria-label", texts.handles[side]);
    handle.setAttribute("aria-valuemin", 0);
    handle.addEventListener("pointerdown", (event) => this.press(side, event));
    handle.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      handle.addEventListener(end, () => this.release());
    }
    handle.addEventListener("keydown", (event) => this.key(side, event));
    this.area.append(handle);
    return handle;
  }

  apply(data) {
    this.data = data;
    if (this.drag) return;
    if (this.image.src !== data.image) this.image.src = data.image;
    this.image.alt = data.texts.size;
    this.margins = data.margins;
    this.fit();
    this.draw();
  }

  // What is shown keeps its scale during a drag, or the edge would run away from the pointer.
  fit() {
    const { width, height } = this.data, { left, right, up, down } = this.margins;
    const room = AROUND * Math.max(width, height);
    this.shown = { width: width + left + right + 2 * room, height: height + up + down + 2 * room };
    this.origin = { x: left + room, y: up + room };
    this.stage.style.aspectRatio = `${this.shown.width} / ${this.shown.height}`;
  }

  get scale() {
    const { clientWidth, clientHeight } = this.stage;
    return Math.min(clientWidth / this.shown.width, clientHeight / this.shown.height);
  }

  draw() {
    if (!this.shown) return;
    const { data: { width, height, most, texts }, margins, origin, scale } = this;
    const middle = (this.stage.clientWidth - this.shown.width * scale) / 2;
    const place = (element, x, y, wide, high) => {
      element.style.cssText = `left: ${middle + x * scale}px; top: ${y * scale}px;
        width: ${wide * scale}px; height: ${high * scale}px`;
    };
    place(this.image, origin.x, origin.y, width, height);
    place(this.area, origin.x - margins.left, origin.y - margins.up,
      width + margins.left + margins.right, height + margins.up + margins.down);
    for (const [side, handle] of Object.entries(this.handles)) {
      handle.setAttribute("aria-valuemax", most);
      handle.setAttribute("aria-valuenow", margins[side]);
      handle.setAttribute("aria-valuetext", fillIn(texts.value, { size: margins[side] }));
    }
  }

  set(side, value) {
    const { most, step } = this.data;
    const size = Math.min(most, Math.max(0, Math.round(value / step) * step));
    this.margins = { ...this.margins, [side]: size };
    this.draw();
  }

  press(side, event) {
    event.target.setPointerCapture(event.pointerId);
    this.drag = { side, x: event.clientX, y: event.clientY, from: this.margins[side] };
  }

  move(event) {
    if (!this.drag) return;
    const { side, x, y, from } = this.drag, [dx, dy] = SIDES[side];
    const by = (event.clientX - x) * dx + (event.clientY - y) * dy;
    this.set(side, from + by / this.scale);
  }

  release() {
    if (!this.drag) return;
    const { side, from } = this.drag;
    this.drag = null;
    if (this.margins[side] !== from) this.send(this.margins);
    this.apply({ ...this.data, margins: this.margins });
  }

  key(side, event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    const along = arrow[0] * SIDES[side][0] + arrow[1] * SIDES[side][1];
    if (!along) return;
    consume(event);
    this.set(side, this.margins[side] + along * this.data.step * (event.shiftKey ? 8 : 1));
    this.send(this.margins);
  }

  close() {
    this.observer.disconnect();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let frame = frames.get(parentElement);
  if (!frame) {
    frame = new OutpaintFrame(parentElement.querySelector(".root"), data);
    frames.set(parentElement, frame);
  }
  frame.send = (margins) => setStateValue("margins", margins);
  frame.apply(data);
  return () => { frame.close(); frames.delete(parentElement); };
}
