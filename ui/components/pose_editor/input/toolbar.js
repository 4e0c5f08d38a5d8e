// The tool bar: what each tool does, and which are of use now. One Tab stop, as a tool bar should.
import { mirrorPerson, showAllJoints } from "../pose/geometry.js";
import { handFromPreset, hasForearm, turnHandOver } from "../pose/hands.js";
import { addMissingJoints, placeBeside, placeNewPerson } from "../pose/placement.js";
import { fillIn } from "../view/texts.js";
import { ARROWS, consume } from "./key_events.js";

const AT_ENDS = { Home: 0, End: -1 };
const ZOOM = 1.4;

export class Toolbar {
  constructor(editor) {
    this.editor = editor;
    this.switches = { lock: false, hands: false, grid: false, help: false };
    const { root, bar } = editor.view;
    root.addEventListener("click", ({ target }) => {
      const tool = target.closest("[data-tool]")?.dataset.tool;
      if (!tool) return;
      editor.menu.close();
      this.use(tool);
    });
    root.addEventListener("change", ({ target }) => {
      if (target.dataset.hand) this.giveHand(target.dataset.hand, target.value);
    });
    bar.addEventListener("keydown", (event) => this.walk(event));
    bar.addEventListener("focusin", ({ target }) => this.setTabStop(target));
  }

  use(tool) {
    const { editor } = this, { data, people, active, camera, skeleton, texts: { said } } = editor;
    const person = people[active], ofPerson = (text) => fillIn(text, { person: active + 1 });
    const tools = {
      undo: () => editor.undo(),
      redo: () => editor.redo(),
      add: () => this.add(placeNewPerson(data.figure, people, ...editor.size), said.added),
      duplicate: () => this.add(placeBeside(person, ...editor.size), said.duplicated),
      remove: () => editor.change(
        people.filter((_, i) => i !== active), ofPerson(said.removed), null),
      mirror: () => editor.changeActive(mirrorPerson(person, skeleton), ofPerson(said.mirrored)),
      visible: () => this.toggleJoint(editor.chosen),
      show: () => editor.changeActive(showAllJoints(person), said.all_shown),
      complete: () => editor.changeActive(
        addMissingJoints(person, data.figure, skeleton), said.completed),
      turn_right_hand: () => this.turnHand("right_hand"),
      turn_left_hand: () => this.turnHand("left_hand"),
      out: () => camera.zoom(1 / ZOOM),
      in: () => camera.zoom(ZOOM),
      fit: () => camera.fit(),
    };
    if (tool in this.switches) this.setSwitch(tool, !this.switches[tool]);
    else tools[tool]();
  }

  setSwitch(name, value) {
    const { editor } = this, { view } = editor;
    this.switches[name] = value;
    view.tool(name).setAttribute(name === "help" ? "aria-expanded" : "aria-pressed", value);
    view.grid.setAttribute("display", this.switches.grid ? "inline" : "none");
    view.choices.hidden = !this.switches.hands;
    view.help.hidden = !this.switches.help;
    const { person, part } = editor.chosen;
    if (!this.switches.hands && part !== "body") editor.setChosen({ person });
    editor.draw();
  }

  add(person, text) {
    const { editor } = this, { people } = editor;
    if (editor.isFull) return;
    const words = fillIn(text, { person: people.length + 1 });
    editor.change([...people, person], words, { person: people.length });
  }

  // Hides a joint or shows it again.
  toggleJoint({ person, part, joint }) {
    const { editor } = this, one = editor.people[person], hidden = !one[part][joint].hidden;
    const points = one[part].map((p, j) => (j === joint ? { ...p, hidden } : p));
    const { said } = editor.texts, name = editor.skeleton.jointName(part, joint);
    editor.changePerson(person, { ...one, [part]: points },
      fillIn(hidden ? said.joint_hidden : said.joint_shown, { joint: name }));
  }

  giveHand(part, name) {
    const { editor } = this, person = editor.people[editor.active];
    const preset = editor.data.presets[name];
    const hand = preset ? handFromPreset(preset, person, part, editor.skeleton) : null;
    const { said, hands } = editor.texts, text = preset ? said.hand_given : said.hand_removed;
    editor.changeActive({ ...person, [part]: hand },
      fillIn(text, { hand: hands[part], shape: name }));
  }

  turnHand(part) {
    const { editor } = this, person = editor.people[editor.active], { said, hands } = editor.texts;
    editor.changeActive({ ...person, [part]: turnHandOver(person, part, editor.skeleton) },
      fillIn(said.hand_turned, { hand: hands[part] }));
  }

  // Which tools are of use now.
  update() {
    const { editor } = this, { people, history, isFull, view, point } = editor;
    const person = people[editor.active], isEmpty = !person;
    const disabled = {
      undo: !history.canUndo, redo: !history.canRedo, visible: !point, add: isFull,
      duplicate: isFull || isEmpty, remove: isEmpty, mirror: isEmpty,
      turn_right_hand: !person?.right_hand, turn_left_hand: !person?.left_hand,
    };
    for (const name in disabled) view.tool(name).disabled = disabled[name];
    for (const part of Object.keys(editor.skeleton.wrists)) {
      view.hand(part).value = person?.[part] ? "drawn" : "none";
      view.hand(part).disabled =
        !person?.[part] && (isEmpty || !hasForearm(person, part, editor.skeleton));
    }
    this.setTabStop(view.bar.querySelector("[tabindex='0']:enabled") || this.usable[0]);
  }

  // ---- the keyboard in the tool bar

  get usable() { return [...this.editor.view.bar.querySelectorAll("button:enabled")]; }

  setTabStop(button) {
    for (const one of this.editor.view.bar.querySelectorAll("button")) {
      one.tabIndex = one === button ? 0 : -1;
    }
  }

  walk(event) {
    const step = ARROWS[event.key]?.[0], { usable } = this, here = usable.indexOf(event.target);
    if (!step && !(event.key in AT_ENDS)) return;
    consume(event);
    const to = step ? (here + step + usable.length) % usable.length : AT_ENDS[event.key];
    usable.at(to).focus();
  }
}
