// A canvas for freehand strokes: pen, undo, redo and clear, over a picture that is no part of it.
// Python passes `rev`; strokes are loaded only when it changes, and never during a stroke.
import { consume } from "../../pose_editor/input/key_events.js";
import { asHtml, fillIn } from "../../pose_editor/view/texts.js";

const ICONS = {
  undo: "M8 4 4 8l4 4M4 8h10a6 6 0 0 1 0 12h-4",
  redo: "m16 4 4 4-4 4M20 8H10a6 6 0 0 0 0 12h4",
  clear: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
};
const NEAR = 1.5; // points closer than this, in CSS pixels, are one
const sketches = new WeakMap();
const known = new Map(); // strokes and steps by rev: a page that is drawn anew finds them again
const KNOWN = 4; // how many are kept

function sketchTool(name, texts) {
  const label = asHtml(texts.tools[name]);
  return `<button type="button" data-tool="${name}" title="${label}" aria-label="${label}">
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg></button>`;
}

function markup(texts) {
  const label = asHtml(texts.tool_bar);
  return `<div class="tools" role="toolbar" aria-label="${label}">
    ${Object.keys(ICONS).map((name) => sketchTool(name, texts)).join("")}</div>
    <div class="stage"><img alt="" hidden><canvas tabindex="0" role="application"></canvas></div>`;
}

class SketchCanvas {
  constructor(root, { texts }) {
    this.texts = texts;
    root.innerHTML = markup(texts);
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.image = root.querySelector("img");
    this.stage = root.querySelector(".stage");
    const on = (type, listener) => this.canvas.addEventListener(type, listener);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) on(end, () => this.release());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", ({ target }) => {
      const { tool } = target.closest("[data-tool]")?.dataset || {};
      if (tool) this.use(tool);
    });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
  }

  apply(data) {
    this.data = data;
    this.stage.style.aspectRatio = `${data.width} / ${data.height}`;
    this.canvas.setAttribute("aria-label", fillIn(this.texts.canvas, data));
    this.image.hidden = !data.background;
    if (data.background && this.image.src !== data.background) this.image.src = data.background;
    if (this.stroke || this.rev === data.rev) return;
    this.rev = this.root.dataset.rev = data.rev;
    this.steps = known.get(data.rev) || { past: [], strokes: data.strokes, next: [] };
    known.delete(data.rev);
    known.set(data.rev, this.steps);
    if (known.size > KNOWN) known.delete(known.keys().next().value);
    this.draw();
    if (this.steps.strokes !== data.strokes && this.steps.past.length) this.tell();
  }

  get scale() { return this.stage.clientWidth / this.data.width; }

  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect(), { scale } = this;
    return [event.clientX - left, event.clientY - top].map((value) =>
      Math.round(value / scale * 10) / 10);
  }

  press(event) {
    if (event.button !== 0 || this.stroke || !this.steps) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.pointerId = event.pointerId;
    this.stroke = [this.at(event)];
  }

  move(event) {
    if (!this.stroke || event.pointerId !== this.pointerId) return;
    const all = event.getCoalescedEvents?.() || [];
    for (const each of all.length ? all : [event]) {
      const [x, y] = this.at(each), [lastX, lastY] = this.stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) * this.scale >= NEAR) this.stroke.push([x, y]);
    }
    this.draw();
  }

  release() {
    const { stroke } = this;
    if (!stroke) return;
    this.stroke = null;
    if (stroke.length > 1) this.change([...this.steps.strokes, stroke]);
    else this.draw();
  }

  key(event) {
    if (!(event.ctrlKey || event.metaKey)) return;
    const tool = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
    if (!tool) return;
    consume(event);
    this.use(tool);
  }

  use(tool) {
    const { steps } = this;
    if (tool === "clear" && steps.strokes.length) this.change([]);
    if (tool === "undo" && steps.past.length) this.step(steps.past, steps.next);
    if (tool === "redo" && steps.next.length) this.step(steps.next, steps.past);
  }

  change(strokes) {
    this.steps.past.push(this.steps.strokes);
    this.steps.next.length = 0;
    this.steps.strokes = strokes;
    this.draw();
    this.tell();
  }

  step(from, to) {
    to.push(this.steps.strokes);
    this.steps.strokes = from.pop();
    this.draw();
    this.tell();
  }

  tell() {
    this.send({ rev: this.rev, strokes: this.steps.strokes });
  }

  draw() {
    if (!this.steps) return;
    const { canvas, stage, data, scale } = this, ratio = devicePixelRatio;
    const [width, height] = [stage.clientWidth, stage.clientHeight].map((side) => Math.round(side * ratio));
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.scale(scale * ratio, scale * ratio);
    Object.assign(context, {
      strokeStyle: data.colour, lineWidth: data.pen, lineCap: "round", lineJoin: "round",
    });
    for (const stroke of [...this.steps.strokes, ...(this.stroke ? [this.stroke] : [])]) {
      context.beginPath();
      stroke.forEach(([x, y]) => context.lineTo(x, y));
      context.stroke();
    }
    const tool = (name) => this.root.querySelector(`[data-tool=${name}]`);
    tool("undo").disabled = !this.steps.past.length;
    tool("redo").disabled = !this.steps.next.length;
    tool("clear").disabled = !this.steps.strokes.length;
  }

  close() {
    this.observer.disconnect();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let sketch = sketches.get(parentElement);
  if (!sketch) {
    sketch = new SketchCanvas(parentElement.querySelector(".root"), data);
    sketches.set(parentElement, sketch);
  }
  sketch.send = (drawing) => setStateValue("drawing", drawing);
  sketch.apply(data);
  return () => { sketch.close(); sketches.delete(parentElement); };
}
