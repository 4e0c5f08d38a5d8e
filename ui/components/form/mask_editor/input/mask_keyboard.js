// Keys: tools, brush sizes, steps and zoom; arrows move the brush and Enter dabs with it.
import { ARROWS, consume } from "../../../pose_editor/input/key_events.js";

const LETTERS = {
  b: "brush", r: "rectangle", l: "lasso", e: "erase", f: "fill", x: "invert", h: "hide",
  Delete: "clear", "?": "help", "+": "in", "=": "in", "-": "out", 0: "fit",
};
const SIZES = { "[": 1 / 1.25, "]": 1.25 };

export class MaskKeyboard {
  constructor(editor) {
    this.editor = editor;
    const { root, canvas } = editor.view;
    root.addEventListener("keydown", (event) => this.down(event));
    canvas.addEventListener("keyup", ({ key }) => { if (key === " ") this.hold(false); });
    canvas.addEventListener("blur", () => this.hold(false));
  }

  hold(isHeld) {
    this.editor.pointer.isPanning = isHeld;
    this.editor.view.canvas.dataset.over = isHeld ? "pan" : "";
  }

  down(event) {
    if (event.altKey) return;
    const isControl = event.ctrlKey || event.metaKey;
    const done = isControl ? this.step(event) : this.press(event);
    if (done) consume(event);
  }

  step({ key, shiftKey }) {
    const name = { z: shiftKey ? "redo" : "undo", y: "redo" }[key.toLowerCase()];
    if (name) this.editor.use(name);
    return Boolean(name);
  }

  press(event) {
    const { editor } = this, { key } = event;
    if (SIZES[key]) editor.setBrush(editor.brush * SIZES[key]);
    else if (event.target !== editor.view.canvas) return false; // a button or a slider has the focus
    else if (ARROWS[key]) editor.moveCursor(ARROWS[key], event.shiftKey);
    else if (key === " ") this.hold(true);
    else if (key === "Enter") editor.dab();
    else if (LETTERS[key] || LETTERS[key.toLowerCase()]) {
      editor.use(LETTERS[key] || LETTERS[key.toLowerCase()]);
    } else return false;
    return true;
  }
}
