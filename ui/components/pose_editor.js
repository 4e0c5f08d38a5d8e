// The pose editor: holds the figures, and hands them to Python once a gesture.
// Python passes `rev`; people are loaded only when it changes, and never during a drag.
const EDITORS = new WeakMap(); // Streamlit calls this module again on every rerun
const KEPT = new Map(); // by rev: a page that is drawn anew finds its figures and history again
const KEY_PAUSE = 300;
const NOBODY = { person: -1, part: null, joint: -1 };

class PoseEditor {
  constructor(root, data) {
    this.view = buildEditor(root, data);
    this.said = {}; // what Python said of the switches last
    this.camera = new Camera(this.view.svg, () => this.overlay());
    this.tools = new Tools(this);
    this.menu = new Menu(this);
    this.pointer = new Pointer(this);
    this.keys = new Keys(this);
    this.drop = new Drop(this);
    const { svg, fade } = this.view;
    svg.addEventListener("focusin", ({ target }) => this.follow(target));
    fade.addEventListener("input", () => fadePicture(this.view));
  }

  // ---- what Python says

  apply(data) {
    if (this.pointer.drag) { this.pending = data; return; }
    this.data = data;
    this.drawing = data.drawing;
    this.kin = Object.fromEntries(data.drawing.limbs.map(([up, down]) => [down, up]));
    this.step = Math.max(8, Math.round(Math.min(data.width, data.height) / 256) * 8);
    drawCanvas(this.view, data, this.step);
    this.view.svg.setAttribute("aria-label", `Pose, ${data.width} by ${data.height}. ${HELP}`);
    if (this.rev !== data.rev) this.load(data);
    for (const name of ["lock", "hands"]) {
      if (this.said[name] !== data[name]) this.tools.toggle(name, data[name]);
      this.said[name] = data[name];
    }
  }

  load(data) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.rev = this.view.root.dataset.rev = data.rev;
    const kept = KEPT.get(data.rev);
    const going = this.pose?.board === data.board && this.pose.replacedBy(data);
    this.pose = kept || going || new Pose(data);
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

  get on() { return this.tools.on; }
  get people() { return this.pose.people; }
  get size() { return this.pose.size; }
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
    this.people.forEach((person, i) =>
      labelFigure(this.figures[i], person, i + 1, this.drawing.names));
    this.tools.label();
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
    if (words) this.view.spoken.textContent = words;
    this.send({ rev: this.rev, people: this.people });
  }

  travel(from, to, words) {
    this.finishKeys();
    if (!this.pose.travel(from, to)) return;
    if (!this.people[this.chosen.person]) this.chosen = NOBODY;
    this.draw();
    this.commit(words);
  }

  // ---- the chosen joint or person

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

  // The joint that Tab went to.
  follow(target) {
    if (this.pointer.drag || !target.dataset.part) return;
    const person = this.figures.findIndex(({ group }) => group.contains(target));
    this.look({ person, part: target.dataset.part, joint: Number(target.dataset.joint) });
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
