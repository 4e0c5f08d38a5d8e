// The tool bar: what each tool does, and which are of use now. One Tab stop, as a tool bar should.
const AT_ENDS = { Home: 0, End: -1 };

class Tools {
  constructor(editor) {
    this.editor = editor;
    this.on = { lock: false, hands: false, grid: false, help: false };
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
    bar.addEventListener("focusin", ({ target }) => this.stopAt(target));
  }

  use(tool) {
    const { editor } = this, { data, pose, people, active: index, camera } = editor;
    const person = people[index], who = `person ${index + 1}`;
    const tools = {
      undo: () => editor.travel(pose.past, pose.future, "undone"),
      redo: () => editor.travel(pose.future, pose.past, "redone"),
      add: () => this.join(standing(data.figure, people, ...pose.size), "added"),
      duplicate: () => this.join(beside(person, ...pose.size), "duplicated"),
      remove: () =>
        editor.change(people.filter((_, i) => i !== index), `${who} removed`, NOBODY),
      mirror: () => editor.changePerson(index, mirrored(person), `${who} mirrored`),
      visible: () => this.hide(editor.chosen),
      show: () => editor.changePerson(index, unhidden(person), "all joints shown"),
      complete: () => editor.changePerson(
        index, completed(person, data.figure, editor.kin), "missing joints added"),
      turn_right_hand: () => this.turnHand("right_hand"),
      turn_left_hand: () => this.turnHand("left_hand"),
      out: () => camera.zoom(1 / 1.4),
      in: () => camera.zoom(1.4),
      fit: () => camera.fit(),
    };
    if (tool in this.on) this.toggle(tool, !this.on[tool]);
    else tools[tool]();
  }

  toggle(name, value) {
    const { editor } = this, { view } = editor;
    this.on[name] = value;
    view.tool(name).setAttribute(name === "help" ? "aria-expanded" : "aria-pressed", value);
    view.grid.setAttribute("display", this.on.grid ? "inline" : "none");
    view.choices.hidden = !this.on.hands;
    view.help.hidden = !this.on.help;
    const { person, part } = editor.chosen;
    if (!this.on.hands && part !== "body") editor.chosen = { ...NOBODY, person };
    editor.draw();
  }

  join(person, what) {
    const { editor } = this, { people } = editor;
    if (editor.full) return;
    const chosen = { ...NOBODY, person: people.length };
    editor.change([...people, person], `person ${people.length + 1} ${what}`, chosen);
  }

  hide({ person, part, joint }) {
    const { editor } = this, one = editor.people[person], hidden = !one[part][joint].hidden;
    const points = one[part].map((p, j) => (j === joint ? { ...p, hidden } : p));
    const name = jointName(part, joint, editor.drawing.names);
    editor.changePerson(person, { ...one, [part]: points },
      `${name} ${hidden ? "hidden" : "shown"}`);
  }

  giveHand(part, name) {
    const { editor } = this, { presets, hand_length: length } = editor.data;
    const person = editor.people[editor.active], preset = presets[name];
    const hand = preset ? handFrom(preset, person, part, editor.kin, length) : null;
    editor.changePerson(editor.active, { ...person, [part]: hand },
      `${PART_NAMES[part]} ${preset ? name : "removed"}`);
  }

  turnHand(part) {
    const { editor } = this, person = editor.people[editor.active];
    editor.changePerson(editor.active, { ...person, [part]: turnedOver(person, part, editor.kin) },
      `${PART_NAMES[part]} turned over`);
  }

  // Which tools are of use now.
  label() {
    const { editor } = this, { people, pose, full, view, point } = editor, none = !people.length;
    const person = people[editor.active];
    const off = {
      undo: !pose.past.length, redo: !pose.future.length, visible: !point, add: full,
      duplicate: full || none, remove: none, mirror: none,
      turn_right_hand: !person?.right_hand, turn_left_hand: !person?.left_hand,
    };
    for (const name in off) view.tool(name).disabled = off[name];
    for (const [part, wrist] of Object.entries(WRISTS)) {
      const there = shown(person?.body[wrist]) && shown(person?.body[editor.kin[wrist]]);
      view.hand(part).value = person?.[part] ? "drawn" : "none";
      view.hand(part).disabled = !person?.[part] && !there;
    }
    this.stopAt(view.bar.querySelector("[tabindex='0']:enabled") || this.usable[0]);
  }

  // ---- the keyboard in the tool bar

  get usable() { return [...this.editor.view.bar.querySelectorAll("button:enabled")]; }

  stopAt(button) {
    for (const one of this.editor.view.bar.querySelectorAll("button")) {
      one.tabIndex = one === button ? 0 : -1;
    }
  }

  walk(event) {
    const step = ARROWS[event.key]?.[0], { usable } = this, here = usable.indexOf(event.target);
    if (!step && !(event.key in AT_ENDS)) return;
    taken(event);
    const to = step ? (here + step + usable.length) % usable.length : AT_ENDS[event.key];
    usable.at(to).focus();
  }
}
