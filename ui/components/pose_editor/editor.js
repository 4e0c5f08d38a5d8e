// The pose editor: holds the figures, and hands them to Python once a gesture.
// Python passes `rev`; people are loaded only when it changes, and never during a drag.
import { FileDrop } from "./input/file_drop.js";
import { Keyboard } from "./input/keyboard.js";
import { Menu } from "./input/menu.js";
import { Pointer } from "./input/pointer.js";
import { Toolbar } from "./input/toolbar.js";
import { bounds } from "./pose/geometry.js";
import { History } from "./pose/history.js";
import { Skeleton } from "./pose/skeleton.js";
import { drawBackground, fadePicture, gridStepFor } from "./view/background.js";
import { Camera } from "./view/camera.js";
import { createFigure, drawFigure, labelFigure } from "./view/figure.js";
import { buildEditor } from "./view/layout.js";
import { drawFrame, drawRing } from "./view/selection_frame.js";
import { fillIn } from "./view/texts.js";

const histories = new Map(); // by rev: a page that is drawn anew finds its figures and steps again
const HISTORIES = 8; // how many are kept
const NUDGE_PAUSE = 300; // milliseconds after a key press until the next one is a step of its own
const NOTHING = { person: -1, part: null, joint: -1 };

export class PoseEditor {
  constructor(root, { presets, texts }) {
    this.texts = texts;
    this.view = buildEditor(root, presets, texts);
    this.chosen = NOTHING;
    this.announced = {}; // what Python said of the switches last
    this.camera = new Camera(this.view.svg, () => this.drawSelection());
    this.tools = new Toolbar(this);
    this.menu = new Menu(this);
    this.pointer = new Pointer(this);
    this.keyboard = new Keyboard(this);
    this.drop = new FileDrop(this);
    const { svg, fade } = this.view;
    svg.addEventListener("focusin", ({ target }) => this.followFocus(target));
    fade.addEventListener("input", () => fadePicture(this.view));
  }

  // ---- what Python says

  apply(data) {
    if (this.pointer.drag) { this.pending = data; return; }
    this.data = data;
    this.drawing = data.drawing;
    this.skeleton = new Skeleton(data.skeleton);
    this.gridStep = gridStepFor(data.width, data.height);
    drawBackground(this.view, data, this.gridStep);
    this.view.svg.setAttribute("aria-label", fillIn(this.texts.canvas, data));
    if (this.rev !== data.rev) this.load(data);
    for (const name of ["lock", "hands"]) {
      if (this.announced[name] !== data[name]) this.tools.setSwitch(name, data[name]);
      this.announced[name] = data[name];
    }
  }

  load(data) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.rev = this.view.root.dataset.rev = data.rev;
    const kept = histories.get(data.rev);
    this.history = kept || this.historyWith(data);
    keepHistory(data.rev, this.history);
    this.chosen = NOTHING;
    this.figures = [];
    this.view.people.replaceChildren();
    this.camera.showCanvas(data.width, data.height);
    this.draw();
    // The page may have gone in the middle of a gesture: then Python has not heard of its end.
    if (kept && JSON.stringify(kept.people) !== JSON.stringify(data.people)) this.commit();
  }

  historyWith(data) {
    if (this.history?.board !== data.board) return new History(data);
    return this.history.replacedBy(data, this.skeleton.maxCoordinate);
  }

  get people() { return this.history.people; }
  get size() { return this.history.size; }
  get switches() { return this.tools.switches; }
  get active() { return this.chosen.person < 0 ? this.people.length - 1 : this.chosen.person; }
  get point() { return this.people[this.chosen.person]?.[this.chosen.part]?.[this.chosen.joint]; }
  get isFull() { return this.people.length >= this.data.max_people; }
  get hasFocus() { return this.view.root.contains(this.view.root.getRootNode().activeElement); }

  // What moves obey, as pose/moves.js has it.
  get rules() {
    const { skeleton, size, switches: { lock, grid }, gridStep } = this;
    return { skeleton, size, keepLengths: lock, gridStep: grid ? gridStep : 0 };
  }

  // ---- drawing

  draw() {
    const { people, figures, view } = this;
    while (figures.length > people.length) figures.pop().group.remove();
    while (figures.length < people.length) {
      figures.push(createFigure(view.people, this.skeleton, this.drawing, this.texts.joint.role));
    }
    people.forEach((_, index) => this.drawPerson(index));
    this.drawSelection();
    this.label();
  }

  drawPerson(index) {
    drawFigure(this.figures[index], this.people[index], this.skeleton, this.drawing.radius,
      this.switches.hands);
  }

  drawSelection() {
    if (!this.history || !this.camera.scale) return;
    const { view, chosen, camera: { scale, top } } = this, person = this.people[chosen.person];
    drawFrame(view, person ? bounds(person) : null, scale, top);
    drawRing(view, this.point, this.drawing.radius, scale);
    view.about.textContent = this.describe();
    view.zoom.textContent = fillIn(this.texts.zoom, { percent: Math.round(scale * 100) });
  }

  describe() {
    const { person, part, joint } = this.chosen, { point, texts: { chosen, people } } = this;
    if (!this.people[person]) return people[this.people.length];
    if (!point) return fillIn(chosen.person, { person: person + 1 });
    return fillIn(point.hidden ? chosen.hidden_joint : chosen.joint, {
      person: person + 1, joint: this.skeleton.jointName(part, joint),
      x: Math.round(point.x), y: Math.round(point.y),
    });
  }

  label() {
    this.people.forEach((person, index) =>
      labelFigure(this.figures[index], person, index + 1, this.skeleton, this.texts.joint));
    this.tools.update();
  }

  // ---- changes

  // Shows one figure changed, without a step: in the middle of a gesture.
  replace(index, person) {
    this.history.people = this.people.map((one, i) => (i === index ? person : one));
    this.drawPerson(index);
    this.drawSelection();
  }

  finishDrag(before) {
    if (this.people !== before) {
      this.history.record(before);
      this.commit(this.describe());
    }
    const { pending } = this;
    this.pending = null;
    if (pending) this.apply(pending);
  }

  // One step; `chosen` is what is chosen after it.
  change(people, words, chosen = this.chosen) {
    this.finishNudges();
    this.history.record(this.people);
    this.history.people = people;
    this.setChosen(chosen);
    this.draw();
    this.commit(words);
  }

  changePerson(index, person, words) {
    this.change(this.people.map((one, i) => (i === index ? person : one)), words);
  }

  changeActive(person, words) {
    this.changePerson(this.active, person, words);
  }

  // Key presses that follow each other are one step and one commit.
  nudge(person) {
    if (!this.timer) this.history.record(this.people);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(this.describe()), NUDGE_PAUSE);
    this.replace(this.chosen.person, person);
  }

  finishNudges() {
    if (this.timer) this.commit();
  }

  commit(words) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.label();
    if (words) this.view.spoken.textContent = words;
    this.send({ rev: this.rev, people: this.people });
  }

  undo() {
    this.finishNudges();
    if (this.history.undo()) this.showStep(this.texts.said.undone);
  }

  redo() {
    this.finishNudges();
    if (this.history.redo()) this.showStep(this.texts.said.redone);
  }

  showStep(words) {
    if (!this.people[this.chosen.person]) this.chosen = NOTHING;
    this.draw();
    this.commit(words);
  }

  // ---- the chosen joint or person

  setChosen(target) {
    const { person, part = null, joint = -1 } = target || NOTHING;
    this.chosen = { person, part, joint };
  }

  // Chooses what was hit, null for nothing, and moves the focus there.
  choose(target) {
    this.setChosen(target);
    this.drawSelection();
    this.label();
    this.focusChosen();
  }

  focusChosen() {
    const { person, part, joint } = this.chosen;
    (this.figures[person]?.[part]?.[joint] || this.view.svg).focus({ preventScroll: true });
  }

  // Chooses the joint that Tab went to.
  followFocus(target) {
    if (this.pointer.drag || !target.dataset.part) return;
    const person = this.figures.findIndex(({ group }) => group.contains(target));
    this.setChosen({ person, part: target.dataset.part, joint: Number(target.dataset.joint) });
    this.drawSelection();
    this.label();
  }

  close() {
    if (this.pointer.drag) this.history.record(this.pointer.drag.before);
    clearTimeout(this.timer);
    this.camera.close();
  }
}

function keepHistory(rev, history) {
  histories.delete(rev);
  histories.set(rev, history);
  if (histories.size > HISTORIES) histories.delete(histories.keys().next().value);
}
