// Mouse, pen and fingers: drags of joints, limbs, people and grips, pinch, pan, taps, long press.
const SLACK = { mouse: 2, pen: 4, touch: 6 }; // pixels a press may slip before it is a drag
const LONG_PRESS = 550, DOUBLE = 350, NOTCH = Math.PI / 12;

class Pointer {
  constructor(editor) {
    this.editor = editor;
    this.svg = editor.view.svg;
    this.touches = new Map();
    const on = (type, listen) => this.svg.addEventListener(type, listen, { passive: false });
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      on(end, (event) => this.release(event));
    }
    on("touchstart", (event) => this.claim(event));
    on("wheel", (event) => this.wheel(event));
    on("contextmenu", (event) => this.menu(event));
  }

  // A finger on a figure (or two anywhere) is ours; on empty paper it scrolls the page.
  claim(event) {
    const { camera } = this.editor, at = camera.place(event.touches[0]);
    const hit = targetAt(this.editor, at, "touch");
    if (hit || event.touches.length > 1 || camera.zoomed > 1) event.preventDefault();
  }

  press(event) {
    if (event.pointerType === "touch") this.touches.set(event.pointerId, event);
    if (this.touches.size === 2) { this.startPinch(); return; }
    if (event.button > 1 || this.drag) return;
    event.preventDefault();
    const { editor } = this, { camera } = editor;
    editor.menu.close();
    editor.finishKeys();
    this.svg.setPointerCapture(event.pointerId);
    const at = camera.place(event), panning = this.space || event.button === 1;
    const hit = panning ? null : targetAt(editor, at, event.pointerType);
    if (!panning && hit?.kind !== "turn" && hit?.kind !== "scale") editor.choose(hit);
    this.start(hit || { kind: "pan" }, at, event);
  }

  start(hit, at, event) {
    const { editor } = this, from = editor.people[hit.person];
    this.drag = {
      ...hit, at, from, start: event, last: event, before: editor.people,
      limits: from && room(from, ...editor.size), single: event.altKey || event.shiftKey,
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
    if (this.pinch) this.pinching();
    else if (!drag) this.hover(event);
    else if (event.pointerId === drag.start.pointerId) this.advance(drag, event);
  }

  advance(drag, event) {
    const { start } = drag;
    const slip = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY);
    if (!drag.moved && slip < SLACK[start.pointerType]) return;
    drag.moved = true;
    clearTimeout(this.hold);
    if (drag.kind === "pan") {
      this.editor.camera.pan(event.clientX - drag.last.clientX, event.clientY - drag.last.clientY);
    }
    drag.last = event;
    drag.frame ||= requestAnimationFrame(() => this.draw(drag));
  }

  draw(drag) {
    drag.frame = 0;
    const { editor } = this;
    const next = drag.from && this.dragged(drag, editor.camera.place(drag.last));
    if (next) editor.replace(drag.person, next);
  }

  dragged(drag, to) {
    const { from, at, box, limits } = drag, { shiftKey } = drag.last;
    const dx = to.x - at.x, dy = to.y - at.y;
    if (drag.kind === "joint") return jointTo(this.editor, drag, from, dx, dy);
    if (drag.kind === "turn") {
      const centre = { x: (box.l + box.r) / 2, y: (box.t + box.b) / 2 };
      const angle = angleOf(centre, to) - angleOf(centre, at);
      return rotatedBy(from, centre, shiftKey ? Math.round(angle / NOTCH) * NOTCH : angle, limits);
    }
    if (drag.kind === "scale") {
      const { l, t, r, b } = box;
      const anchor = {
        x: "ad".includes(drag.grip) ? r : l, y: "ab".includes(drag.grip) ? b : t,
      };
      return scaledBy(from, anchor, between(anchor, to) / between(anchor, at), limits);
    }
    if (drag.single) return limbBy(this.editor, drag.limb, from, dx, dy);
    return movedBy(from, snapped(this.editor, dx), snapped(this.editor, dy), limits);
  }

  release(event) {
    this.touches.delete(event.pointerId);
    const { drag } = this;
    if (!this.touches.size) this.pinch = null;
    if (event.pointerId !== drag?.start.pointerId) return;
    if (drag.frame) { cancelAnimationFrame(drag.frame); this.draw(drag); }
    this.end();
    if (!drag.moved && drag.kind === "joint" && event.type === "pointerup") this.tap(drag);
  }

  end() {
    const { before } = this.drag;
    clearTimeout(this.hold);
    this.drag = null;
    this.editor.settle(before);
  }

  cancel() {
    const { drag, editor } = this;
    cancelAnimationFrame(drag.frame);
    if (drag.from) editor.replace(drag.person, drag.from);
    editor.pose.people = drag.before;
    this.end();
  }

  // Two taps on one joint hide it or show it again.
  tap({ person, part, joint }) {
    const key = `${person} ${part} ${joint}`, now = performance.now();
    const twice = this.tapped?.key === key && now - this.tapped.now < DOUBLE;
    this.tapped = twice ? null : { key, now };
    if (twice) this.editor.tools.hide({ person, part, joint });
  }

  hover(event) {
    if (event.pointerType !== "mouse") return;
    const hit = targetAt(this.editor, this.editor.camera.place(event), "mouse");
    this.svg.dataset.over = this.space ? "pan" : hit?.grip || hit?.kind || "";
  }

  menu(event) {
    event.preventDefault();
    const hit = targetAt(this.editor, this.editor.camera.place(event), "mouse");
    if (!hit || this.drag) return;
    if (hit.kind === "joint" || hit.kind === "limb") this.editor.choose(hit);
    this.editor.menu.open(event);
  }

  startPinch() {
    if (this.drag) this.cancel();
    this.pinch = this.span();
  }

  span() {
    const [a, b] = this.touches.values();
    return {
      far: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
      clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2,
    };
  }

  pinching() {
    if (this.touches.size < 2) return;
    const { camera } = this.editor, now = this.span(), { pinch } = this;
    camera.pan(now.clientX - pinch.clientX, now.clientY - pinch.clientY);
    camera.zoom(now.far / pinch.far, now);
    this.pinch = now;
  }

  // The wheel zooms once the editor is in use (or with Ctrl, as a trackpad's pinch says).
  wheel(event) {
    const { camera, focused } = this.editor;
    const outOfHands = !focused || (event.deltaY > 0 && camera.zoomed <= 1);
    if (outOfHands && !event.ctrlKey) return;
    event.preventDefault();
    camera.zoom(Math.exp(-clamp(event.deltaY, -60, 60) / 240), event);
  }
}
