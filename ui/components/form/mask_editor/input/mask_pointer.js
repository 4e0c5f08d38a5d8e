// Mouse, pen and fingers: strokes, rectangles and lassos, pan and pinch.
import { MaskStroke } from "./mask_stroke.js";

const WHEEL = 300; // how far the wheel turns to zoom by e
const ERASER = 5; // the button at the other end of a pen (Pointer Events, 10.1.1)

export class MaskPointer {
  constructor(editor) {
    this.editor = editor;
    this.canvas = editor.view.canvas;
    this.fingers = new Map();
    this.isPanning = false; // Space is held
    const on = (type, listener) =>
      this.canvas.addEventListener(type, listener, { passive: false });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    for (const type of ["pointerup", "pointercancel"]) on(type, (event) => this.release(event));
    on("pointerleave", () => this.editor.showRing(null));
    on("wheel", (event) => this.wheel(event));
    on("contextmenu", (event) => event.preventDefault());
  }

  get isBusy() { return Boolean(this.stroke || this.drag || this.pinch); }

  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  press(event) {
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    if (event.pointerType === "touch") this.fingers.set(event.pointerId, this.at(event));
    if (this.fingers.size === 2) { this.startPinch(); return; }
    if (this.isBusy || !this.editor.session) return;
    this.canvas.setPointerCapture(event.pointerId);
    if (this.isPanning || event.button === 1) this.drag = this.at(event);
    else if (event.button === 0 || event.button === ERASER) this.start(event);
  }

  start(event) {
    const { editor } = this;
    this.pointerId = event.pointerId;
    this.stroke = new MaskStroke(editor, event.button === ERASER ? "erase" : editor.mode);
    this.stroke.begin(this.at(event), event);
  }

  move(event) {
    const at = this.at(event);
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, at);
    if (this.pinch) { this.movePinch(); return; }
    if (event.pointerType !== "touch" || this.stroke) this.editor.showRing(at);
    if (this.drag) {
      this.editor.moveView((camera) => camera.pan(at.x - this.drag.x, at.y - this.drag.y));
      this.drag = at;
    } else if (this.stroke && event.pointerId === this.pointerId) {
      const all = event.getCoalescedEvents?.() || [];
      for (const each of all.length ? all : [event]) this.stroke.go(this.at(each), each);
    }
  }

  release(event) {
    this.fingers.delete(event.pointerId);
    if (this.pinch) {
      if (!this.fingers.size) this.pinch = null;
      return;
    }
    this.drag = null;
    if (event.pointerType === "touch") this.editor.showRing(null);
    if (!this.stroke || event.pointerId !== this.pointerId) return;
    const { stroke } = this;
    this.stroke = null;
    stroke.end();
  }

  // ---- two fingers, and the wheel

  startPinch() {
    this.stroke?.cancel();
    this.stroke = this.drag = null;
    this.editor.showRing(null);
    this.pinch = this.span();
  }

  span() {
    const [a, b] = this.fingers.values();
    return { width: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  movePinch() {
    if (this.fingers.size < 2) return;
    const last = this.pinch, now = this.span();
    this.editor.moveView((camera) => {
      camera.pan(now.x - last.x, now.y - last.y);
      camera.zoom(now.width / Math.max(1, last.width), now);
    });
    this.pinch = now;
  }

  // The wheel zooms once the editor is in use, or with Ctrl, as a trackpad's pinch says.
  wheel(event) {
    const { camera, hasFocus } = this.editor;
    const isForPage = !hasFocus || (event.deltaY > 0 && camera.scale <= camera.fitScale);
    if (isForPage && !event.ctrlKey) return;
    event.preventDefault();
    const factor = Math.exp(-Math.max(-90, Math.min(90, event.deltaY)) / WHEEL);
    this.editor.moveView(() => camera.zoom(factor, this.at(event)));
  }
}
