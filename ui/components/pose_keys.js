// The keyboard on the canvas: nudges, undo, hide, turn and scale, zoom, menu.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TOOL_KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit" };
const TURNS = { "[": -5, "]": 5 }, SCALES = { ",": 1 / 1.05, ".": 1.05 };
const ERASES = new Set(["Delete", "Backspace"]);

function taken(event) {
  event.preventDefault();
  event.stopPropagation();
}

class Keys {
  constructor(editor) {
    this.editor = editor;
    const { root } = editor.view;
    root.addEventListener("keydown", (event) => this.press(event));
    root.addEventListener("keyup", (event) => { if (event.key === " ") this.space(false); });
    root.addEventListener("focusout", () => this.space(false));
  }

  space(held) {
    this.editor.pointer.space = held;
  }

  press(event) {
    const { editor } = this, { key } = event;
    const command = event.ctrlKey || event.metaKey;
    if (command && "zy".includes(key.toLowerCase())) {
      taken(event);
      editor.tools.use(key.toLowerCase() === "z" && !event.shiftKey ? "undo" : "redo");
    } else if (key === "Escape") this.escape(event);
    else if (!command && editor.view.svg.contains(event.target)) this.onCanvas(event);
  }

  onCanvas(event) {
    const { editor } = this, { key } = event, person = editor.people[editor.chosen.person];
    const tool = TOOL_KEYS[key];
    if (key === " ") this.space(true);
    else if (tool) editor.tools.use(tool);
    else if (!person || editor.pointer.drag) return;
    else if (ARROWS[key]) this.arrow(ARROWS[key], event.shiftKey ? 10 : 1, person);
    else if (ERASES.has(key)) editor.tools.use(editor.point ? "visible" : "remove");
    else if (key === "Enter" || key === "ContextMenu") editor.menu.openAtChosen();
    else if (!this.transform(key, person)) return;
    taken(event);
  }

  arrow([x, y], by, person) {
    const { editor } = this, dx = x * by, dy = y * by;
    const next = editor.point
      ? jointTo(editor, editor.chosen, person, dx, dy, false)
      : movedBy(person, dx, dy, room(person, ...editor.size));
    editor.nudge(next);
  }

  transform(key, person) {
    const { editor } = this, box = bounds(person), limits = room(person, ...editor.size);
    if (!box || !(TURNS[key] || SCALES[key])) return false;
    const centre = { x: (box.l + box.r) / 2, y: (box.t + box.b) / 2 };
    const next = TURNS[key]
      ? rotatedBy(person, centre, (TURNS[key] * Math.PI) / 180, limits)
      : scaledBy(person, centre, SCALES[key], limits);
    if (next) editor.nudge(next);
    return true;
  }

  escape(event) {
    const { editor } = this;
    if (editor.pointer.drag) editor.pointer.cancel();
    else if (editor.menu.isOpen) editor.menu.close();
    else if (editor.chosen.person >= 0) editor.choose(null);
    else return;
    taken(event);
  }
}
