// The pose editor: holds the figures and their history, hands them to Python once a gesture.
// Python passes `rev`; people are loaded only when it changes, and never during a drag.
const EDITORS = new WeakMap(); // Streamlit calls this module again on every rerun
const KEPT = new Map(); // by rev: a page that is drawn anew finds its figures and history again
const HISTORY = 100, KEY_PAUSE = 300;
const NOBODY = { person: -1, part: null, joint: -1 };

class Pose {
  constructor(people) {
    this.people = people; // never changed in place: the history holds the same objects
    this.past = [];
    this.future = [];
  }

  remember(before) {
    this.past.push(before);
    if (this.past.length > HISTORY) this.past.shift();
    this.future = [];
  }

  travel(from, to) {
    if (!from.length) return false;
    to.push(this.people);
    this.people = from.pop();
    return true;
  }
}

class PoseEditor {
  constructor(root, data) {
    this.view = buildEditor(root, data);
    this.on = { lock: false, hands: false, grid: false };
    this.said = {}; // what Python said of the switches last
    this.camera = new Camera(this.view.svg, () => this.overlay());
    this.pointer = new Pointer(this);
    this.keys = new Keys(this);
    this.listen(root);
  }

  // ---- what Python says

  apply(data) {
    if (this.pointer.drag) { this.pending = data; return; }
    this.data = data;
    this.drawing = data.drawing;
    this.kin = Object.fromEntries(data.drawing.limbs.map(([up, down]) => [down, up]));
    this.size = [data.width, data.height];
    this.step = Math.max(8, Math.round(Math.min(...this.size) / 256) * 8);
    drawCanvas(this.view, data, this.step);
    this.view.svg.setAttribute("aria-label", `Pose, ${data.width} by ${data.height}. ${HELP}`);
    if (this.rev !== data.rev) this.load(data);
    for (const name of ["lock", "hands"]) {
      if (this.said[name] !== data[name]) this.toggle(name, data[name]);
      this.said[name] = data[name];
    }
  }

  load(data) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.rev = this.view.root.dataset.rev = data.rev;
    const kept = KEPT.get(data.rev);
    this.pose = kept || new Pose(data.people);
    KEPT.delete(data.rev);
    KEPT.set(data.rev, this.pose);
    if (KEPT.size > 8) KEPT.delete(KEPT.keys().next().value);
    this.chosen = NOBODY;
    this.figures = [];
    this.view.people.replaceChildren();
    this.camera.aim(data.width, data.height);
    this.draw();
    // The page may have gone in the middle of a gesture: then Python has not heard of its end.
    if (kept && JSON.stringify(kept.people) !== JSON.stringify(data.people)) this.commit();
  }

  get people() { return this.pose.people; }
  get active() { return this.chosen.person < 0 ? this.people.length - 1 : this.chosen.person; }
  get point() { return this.people[this.chosen.person]?.[this.chosen.part]?.[this.chosen.joint]; }
  get full() { return this.people.length >= this.data.max_people; }
  get focused() { return this.view.root.contains(this.view.root.getRootNode().activeElement); }

  // ---- drawing

  draw() {
    const { people, figures } = this;
    while (figures.length > people.length) figures.pop().group.remove();
    while (figures.length < people.length) figures.push(figure(this.view.people, this.drawing));
    people.forEach((person, i) => drawFigure(figures[i], person, this.drawing, this.on.hands));
    this.overlay();
    this.label();
  }

  overlay() {
    if (!this.pose || !this.camera.k) return;
    const { view, chosen, camera: { k, top } } = this, person = this.people[chosen.person];
    drawFrame(view, person ? bounds(person) : null, k, top);
    drawRing(view, this.point, this.drawing.radius, k);
    view.about.textContent = this.describe();
    view.zoom.textContent = `${Math.round(k * 100)} %`;
  }

  describe() {
    const { person, part, joint } = this.chosen, { point } = this, count = this.people.length;
    if (!this.people[person]) return count === 1 ? "1 person" : `${count} people`;
    if (!point) return `Person ${person + 1}`;
    const where = `${Math.round(point.x)}, ${Math.round(point.y)}${point.hidden ? ", hidden" : ""}`;
    return `Person ${person + 1} · ${jointName(part, joint, this.drawing.names)} · ${where}`;
  }

  label() {
    const { people, pose, full, view } = this, none = !people.length;
    people.forEach((person, i) =>
      labelFigure(this.figures[i], person, i + 1, this.drawing.names));
    const off = {
      undo: !pose.past.length, redo: !pose.future.length, visible: !this.point, add: full,
      duplicate: full || none, remove: none, mirror: none,
    };
    for (const name in off) view.tool(name).disabled = off[name];
    const person = people[this.active], there = (joint) => shown(person?.body[joint]);
    for (const [part, wrist] of Object.entries(WRISTS)) {
      view.hand(part).value = person?.[part] ? "drawn" : "none";
      view.hand(part).disabled = !person?.[part] && !(there(wrist) && there(this.kin[wrist]));
    }
  }

  say(words) {
    this.view.spoken.textContent = words;
  }

  // ---- changes

  // Shows one figure changed, without history: in the middle of a gesture.
  replace(index, person) {
    this.pose.people = this.people.map((one, i) => (i === index ? person : one));
    drawFigure(this.figures[index], person, this.drawing, this.on.hands);
    this.overlay();
  }

  // The end of a drag.
  settle(before) {
    if (this.people !== before) {
      this.pose.remember(before);
      this.commit(this.describe());
    }
    const { pending } = this;
    this.pending = null;
    if (pending) this.apply(pending);
  }

  change(people, words, chosen = this.chosen) {
    this.finishKeys();
    this.pose.remember(this.people);
    this.pose.people = people;
    this.chosen = chosen;
    this.draw();
    this.commit(words);
  }

  changePerson(index, person, words) {
    this.change(this.people.map((one, i) => (i === index ? person : one)), words);
  }

  // Key presses that follow each other are one step of the history and one commit.
  nudge(person) {
    if (!this.timer) this.pose.remember(this.people);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(this.describe()), KEY_PAUSE);
    this.replace(this.chosen.person, person);
  }

  finishKeys() {
    if (this.timer) this.commit();
  }

  commit(words) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.label();
    if (words) this.say(words);
    this.send({ rev: this.rev, people: this.people });
  }

  travel(from, to, words) {
    this.finishKeys();
    if (!this.pose.travel(from, to)) return;
    if (!this.people[this.chosen.person]) this.chosen = NOBODY;
    this.draw();
    this.commit(words);
  }

  snap(value) {
    return this.on.grid ? Math.round(value / this.step) * this.step : value;
  }

  // A person whose joint went by dx, dy as far as canvas and, when locked, bones allow.
  jointTo({ part, joint }, person, dx, dy, snapping = true) {
    const start = person[part][joint], limits = room(person, ...this.size);
    const snap = (value) => (snapping ? this.snap(value) : value);
    const to = {
      x: clamp(snap(start.x + dx), limits.l, limits.r),
      y: clamp(snap(start.y + dy), limits.t, limits.b),
    };
    if (part === "body") return jointMoved(person, joint, to, this.kin, this.on.lock);
    const change = joint ? () => to : shift(to.x - start.x, to.y - start.y);
    return { ...person, [part]: moved(person[part], change, (j) => !joint || j === joint) };
  }

  limbBy(limb, person, dx, dy) {
    const ends = this.drawing.limbs[limb], limits = room(person, ...this.size);
    const [a, b] = ends.map((j) => person.body[j]);
    const x = clamp(this.snap(dx), limits.l - Math.min(a.x, b.x), limits.r - Math.max(a.x, b.x));
    const y = clamp(this.snap(dy), limits.t - Math.min(a.y, b.y), limits.b - Math.max(a.y, b.y));
    if (this.on.lock) return jointMoved(person, ends[1], shift(x, y)(b), this.kin, true);
    const next = { ...person, body: moved(person.body, shift(x, y), (j) => ends.includes(j)) };
    carryHands(person, next, this.kin);
    return next;
  }

  // ---- tools

  use(tool) {
    const index = this.active, person = this.people[index], who = `person ${index + 1}`;
    const { figure: model } = this.data, { past, future } = this.pose;
    const tools = {
      undo: () => this.travel(past, future, "undone"),
      redo: () => this.travel(future, past, "redone"),
      add: () => this.join(standing(model, this.people, ...this.size), "added"),
      duplicate: () => this.join(beside(person, ...this.size), "duplicated"),
      remove: () =>
        this.change(this.people.filter((_, i) => i !== index), `${who} removed`, NOBODY),
      mirror: () => this.changePerson(index, mirrored(person), `${who} mirrored`),
      visible: () => this.hide(this.chosen),
      show: () => this.changePerson(index, unhidden(person), "all joints shown"),
      complete: () =>
        this.changePerson(index, completed(person, model, this.kin), "missing joints added"),
      out: () => this.camera.zoom(1 / 1.4),
      in: () => this.camera.zoom(1.4),
      fit: () => this.camera.fit(),
    };
    if (tool in this.on) this.toggle(tool, !this.on[tool]);
    else tools[tool]();
  }

  toggle(name, value) {
    const { view } = this;
    this.on[name] = value;
    view.tool(name).setAttribute("aria-pressed", value);
    view.grid.setAttribute("display", this.on.grid ? "inline" : "none");
    view.choices.hidden = !this.on.hands;
    const { person, part } = this.chosen;
    if (!this.on.hands && part !== "body") this.chosen = { ...NOBODY, person };
    this.draw();
  }

  join(person, what) {
    if (this.full) return;
    const chosen = { ...NOBODY, person: this.people.length };
    this.change([...this.people, person], `person ${this.people.length + 1} ${what}`, chosen);
  }

  hide({ person, part, joint }) {
    const hidden = !this.people[person][part][joint].hidden;
    const points = this.people[person][part].map((p, j) => (j === joint ? { ...p, hidden } : p));
    const name = jointName(part, joint, this.drawing.names);
    this.changePerson(person, { ...this.people[person], [part]: points },
      `${name} ${hidden ? "hidden" : "shown"}`);
  }

  giveHand(part, name) {
    const { presets, hand_length: length } = this.data, person = this.people[this.active];
    const preset = presets[name];
    const hand = preset ? handFrom(preset, person, part, this.kin, length) : null;
    this.changePerson(this.active, { ...person, [part]: hand },
      `${PART_NAMES[part]} ${preset ? name : "removed"}`);
  }

  // ---- choice and menu

  choose(target) {
    this.look(target);
    const { person, part, joint } = this.chosen;
    (this.figures[person]?.[part]?.[joint] || this.view.svg).focus({ preventScroll: true });
  }

  look(target) {
    const { person, part = null, joint = -1 } = target || NOBODY;
    this.chosen = { person, part, joint };
    this.overlay();
    this.label();
  }

  corner() {
    const { person, part, joint } = this.chosen, nodes = this.figures[person];
    const box = (nodes[part]?.[joint] || nodes.group).getBoundingClientRect();
    return { clientX: box.right, clientY: box.bottom };
  }

  openMenu(screen) {
    const { point, full } = this, person = this.people[this.active];
    fillMenu(this.view, screen, [
      point && ["visible", point.hidden ? "Show joint" : "Hide joint"],
      bounds(person, (p) => p?.hidden) && ["show", "Show all joints"],
      person.body.includes(null) && ["complete", "Add missing joints"],
      ["mirror", "Mirror"], !full && ["duplicate", "Duplicate"], ["remove", "Remove person"],
    ].filter(Boolean));
  }

  closeMenu() {
    const { menu } = this.view, inside = menu.contains(menu.getRootNode().activeElement);
    menu.hidden = true;
    if (inside) this.choose(this.chosen);
  }

  // ---- wiring

  listen(root) {
    const { svg, menu, fade } = this.view;
    svg.addEventListener("focusin", ({ target }) => {
      if (this.pointer.drag || !target.dataset.part) return;
      const person = this.figures.findIndex(({ group }) => group.contains(target));
      this.look({ person, part: target.dataset.part, joint: Number(target.dataset.joint) });
    });
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (!menu.contains(relatedTarget)) menu.hidden = true;
    });
    root.addEventListener("click", ({ target }) => {
      const tool = target.closest("[data-tool]")?.dataset.tool;
      if (!tool) return;
      this.closeMenu();
      this.use(tool);
    });
    root.addEventListener("change", ({ target }) => {
      if (target.dataset.hand) this.giveHand(target.dataset.hand, target.value);
    });
    fade.addEventListener("input", () => fadePicture(this.view));
  }

  close() {
    if (this.pointer.drag) this.pose.remember(this.pointer.drag.before);
    clearTimeout(this.timer);
    this.camera.close();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let editor = EDITORS.get(parentElement);
  if (!editor) {
    editor = new PoseEditor(parentElement.querySelector(".root"), data);
    EDITORS.set(parentElement, editor);
  }
  editor.send = (pose) => setStateValue("pose", pose);
  editor.apply(data);
  return () => { editor.close(); EDITORS.delete(parentElement); };
}
