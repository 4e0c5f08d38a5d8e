// Mouse, pen and fingers: drags of joints, limbs, people and grips, pinch, pan, taps, long press.
import {
  angleOf, boxCentre, clamp, distance, rotatePerson, scalePerson, translatePerson, travelLimits,
} from "../pose/geometry.js";
import { moveJointBy, moveLimbBy, snap } from "../pose/moves.js";
import { oppositeCorner } from "../view/selection_frame.js";
import { hitTest } from "./hit_test.js";

const SLACK = { mouse: 2, pen: 4, touch: 6 }; // pixels a press may slip before it is a drag
const LONG_PRESS = 550, DOUBLE_TAP = 350; // milliseconds
const NOTCH = Math.PI / 12; // what Shift turns by
const GRIPS = new Set(["turn", "scale"]);

export class Pointer {
  constructor(editor) {
    this.editor = editor;
    this.svg = editor.view.svg;
    this.touches = new Map();
    this.isPanning = false; // Space is held
    this.listen();
  }

  listen() {
    const on = (type, listener) => this.svg.addEventListener(type, listener, { passive: false });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      on(end, (event) => this.release(event));
    }
    on("touchstart", (event) => this.claimTouch(event));
    on("wheel", (event) => this.wheel(event));
    on("contextmenu", (event) => this.openMenu(event));
  }

  hit(event, pointerType = event.pointerType) {
    return hitTest(this.editor, this.editor.camera.place(event), pointerType);
  }

  // A finger on a figure (or two anywhere) is ours; on empty paper it scrolls the page.
  claimTouch(event) {
    const { camera } = this.editor, hit = this.hit(event.touches[0], "touch");
    if (hit || event.touches.length > 1 || camera.zoomFactor > 1) event.preventDefault();
  }

  // ---- one pointer: drags

  press(event) {
    if (event.pointerType === "touch") this.touches.set(event.pointerId, event);
    if (this.touches.size === 2) { this.startPinch(); return; }
    if (event.button > 1 || this.drag) return;
    event.preventDefault();
    const { editor } = this;
    editor.menu.close();
    editor.finishNudges();
    this.svg.setPointerCapture(event.pointerId);
    const isPan = this.isPanning || event.button === 1, hit = isPan ? null : this.hit(event);
    if (!isPan && !GRIPS.has(hit?.kind)) editor.choose(hit);
    this.startDrag(hit || { kind: "pan" }, event);
  }

  startDrag(hit, event) {
    const { editor } = this, from = editor.people[hit.person];
    this.drag = {
      ...hit, at: editor.camera.place(event), from, start: event, last: event,
      before: editor.people, limits: from && travelLimits(from, ...editor.size),
      isLimbAlone: event.altKey || event.shiftKey,
    };
    if (from && event.pointerType !== "mouse") {
      this.hold = setTimeout(() => this.longPress(), LONG_PRESS);
    }
  }

  longPress() {
    const { start } = this.drag;
    this.end();
    this.editor.menu.open(start);
  }

  move(event) {
    if (this.touches.has(event.pointerId)) this.touches.set(event.pointerId, event);
    const { drag } = this;
    if (this.pinch) this.continuePinch();
    else if (!drag) this.hover(event);
    else if (event.pointerId === drag.start.pointerId) this.advance(drag, event);
  }

  advance(drag, event) {
    const { start } = drag;
    const slip = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (!drag.hasMoved && slip < SLACK[start.pointerType]) return;
    drag.hasMoved = true;
    clearTimeout(this.hold);
    if (drag.kind === "pan") {
      this.editor.camera.pan(event.clientX - drag.last.clientX, event.clientY - drag.last.clientY);
    }
    drag.last = event;
    drag.frame ||= requestAnimationFrame(() => this.drawDrag(drag));
  }

  drawDrag(drag) {
    drag.frame = 0;
    const { editor } = this;
    const next = drag.from && this.dragged(drag, editor.camera.place(drag.last));
    if (next) editor.replace(drag.person, next);
  }

  // The person as the drag has it when the pointer is at a place of the canvas.
  dragged(drag, to) {
    const { from, at, limits } = drag, { rules } = this.editor;
    const dx = to.x - at.x, dy = to.y - at.y;
    switch (drag.kind) {
      case "joint": return moveJointBy(from, drag, dx, dy, rules);
      case "turn": return this.turned(drag, to);
      case "scale": return this.scaled(drag, to);
      default:
        if (drag.isLimbAlone) return moveLimbBy(from, drag.limb, dx, dy, rules);
        return translatePerson(from, snap(dx, rules.gridStep), snap(dy, rules.gridStep), limits);
    }
  }

  turned({ from, at, box, limits, last }, to) {
    const centre = boxCentre(box), angle = angleOf(centre, to) - angleOf(centre, at);
    return rotatePerson(
      from, centre, last.shiftKey ? Math.round(angle / NOTCH) * NOTCH : angle, limits);
  }

  scaled({ from, at, box, grip, limits }, to) {
    const anchor = oppositeCorner(box, grip);
    return scalePerson(from, anchor, distance(anchor, to) / distance(anchor, at), limits);
  }

  release(event) {
    this.touches.delete(event.pointerId);
    const { drag } = this;
    if (!this.touches.size) this.pinch = null;
    if (event.pointerId !== drag?.start.pointerId) return;
    if (drag.frame) { cancelAnimationFrame(drag.frame); this.drawDrag(drag); }
    this.end();
    if (!drag.hasMoved && drag.kind === "joint" && event.type === "pointerup") this.tap(drag);
  }

  end() {
    const { before } = this.drag;
    clearTimeout(this.hold);
    this.drag = null;
    this.editor.finishDrag(before);
  }

  cancel() {
    const { drag, editor } = this;
    cancelAnimationFrame(drag.frame);
    if (drag.from) editor.replace(drag.person, drag.from);
    editor.history.people = drag.before;
    this.end();
  }

  // Two taps on one joint hide it or show it again.
  tap({ person, part, joint }) {
    const key = `${person} ${part} ${joint}`, now = performance.now();
    const isSecond = this.tapped?.key === key && now - this.tapped.now < DOUBLE_TAP;
    this.tapped = isSecond ? null : { key, now };
    if (isSecond) this.editor.tools.toggleJoint({ person, part, joint });
  }

  // ---- no button pressed

  hover(event) {
    if (event.pointerType !== "mouse") return;
    const hit = this.hit(event);
    this.svg.dataset.over = this.isPanning ? "pan" : hit?.grip || hit?.kind || "";
  }

  openMenu(event) {
    event.preventDefault();
    const hit = this.hit(event, "mouse");
    if (!hit || this.drag) return;
    if (!GRIPS.has(hit.kind)) this.editor.choose(hit);
    this.editor.menu.open(event);
  }

  // ---- two fingers, and the wheel

  startPinch() {
    if (this.drag) this.cancel();
    this.pinch = this.span();
  }

  span() {
    const [a, b] = this.touches.values();
    return {
      width: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
      clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2,
    };
  }

  continuePinch() {
    if (this.touches.size < 2) return;
    const { camera } = this.editor, now = this.span(), { pinch } = this;
    camera.pan(now.clientX - pinch.clientX, now.clientY - pinch.clientY);
    camera.zoom(now.width / pinch.width, now);
    this.pinch = now;
  }

  // The wheel zooms once the editor is in use (or with Ctrl, as a trackpad's pinch says).
  wheel(event) {
    const { camera, hasFocus } = this.editor;
    const isForPage = !hasFocus || (event.deltaY > 0 && camera.zoomFactor <= 1);
    if (isForPage && !event.ctrlKey) return;
    event.preventDefault();
    camera.zoom(Math.exp(-clamp(event.deltaY, -60, 60) / 240), event);
  }
}
