// The keyboard on the canvas: nudges, undo, hide, turn and scale, zoom, menu.
import { boxCentre, bounds, rotatePerson, scalePerson, translatePerson, travelLimits }
  from "../pose/geometry.js";
import { moveJointBy } from "../pose/moves.js";
import { ARROWS, consume } from "./key_events.js";

const TOOL_KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit" };
const DEGREE = Math.PI / 180;
const TURNS = { "[": -5 * DEGREE, "]": 5 * DEGREE };
const SCALES = { ",": 1 / 1.05, ".": 1.05 };
const ERASES = new Set(["Delete", "Backspace"]);
const MENU_KEYS = new Set(["Enter", "ContextMenu"]);
const FAR = 10; // pixels of the canvas that an arrow key moves by with Shift; without it is one

export class Keyboard {
  constructor(editor) {
    this.editor = editor;
    const { root } = editor.view;
    root.addEventListener("keydown", (event) => this.press(event));
    root.addEventListener("keyup", (event) => { if (event.key === " ") this.holdSpace(false); });
    root.addEventListener("focusout", () => this.holdSpace(false));
  }

  holdSpace(isHeld) {
    this.editor.pointer.isPanning = isHeld;
  }

  press(event) {
    const { editor } = this, key = event.key.toLowerCase();
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && (key === "z" || key === "y")) {
      consume(event);
      editor.tools.use(key === "z" && !event.shiftKey ? "undo" : "redo");
    } else if (event.key === "Escape") this.escape(event);
    else if (!isCommand && editor.view.svg.contains(event.target)) this.pressOnCanvas(event);
  }

  pressOnCanvas(event) {
    const { editor } = this, { key } = event, person = editor.people[editor.chosen.person];
    if (key === " ") this.holdSpace(true);
    else if (TOOL_KEYS[key]) editor.tools.use(TOOL_KEYS[key]);
    else if (!person || editor.pointer.drag) return;
    else if (ARROWS[key]) this.nudge(person, ARROWS[key], event.shiftKey ? FAR : 1);
    else if (ERASES.has(key)) editor.tools.use(editor.point ? "visible" : "remove");
    else if (MENU_KEYS.has(key)) editor.menu.openAtChosen();
    else if (TURNS[key] || SCALES[key]) this.transform(person, key);
    else return;
    consume(event);
  }

  nudge(person, [x, y], by) {
    const { editor } = this, dx = x * by, dy = y * by;
    editor.nudge(editor.point
      ? moveJointBy(person, editor.chosen, dx, dy, { ...editor.rules, gridStep: 0 })
      : translatePerson(person, dx, dy, travelLimits(person, ...editor.size)));
  }

  transform(person, key) {
    const { editor } = this, box = bounds(person);
    if (!box) return;
    const limits = travelLimits(person, ...editor.size), centre = boxCentre(box);
    const next = TURNS[key]
      ? rotatePerson(person, centre, TURNS[key], limits)
      : scalePerson(person, centre, SCALES[key], limits);
    if (next) editor.nudge(next);
  }

  // Lets go of what is nearest: the drag, the menu, the choice.
  escape(event) {
    const { editor } = this;
    if (editor.pointer.drag) editor.pointer.cancel();
    else if (editor.menu.isOpen) editor.menu.close();
    else if (editor.chosen.person >= 0) editor.choose(null);
    else return;
    consume(event);
  }
}
