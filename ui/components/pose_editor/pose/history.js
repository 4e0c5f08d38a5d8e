// The figures of one canvas, with what undo and redo bring back.
import { canvasFit } from "./canvas_fit.js";
import { distance, PARTS } from "./geometry.js";

const LIMIT = 100; // steps that can be undone
const SAME = 0.05; // pixels that no joint moved by: rounding, not a step

export class History {
  constructor({ board, width, height, people }) {
    this.board = board;
    this.size = [width, height];
    this.people = people; // never changed in place: the steps hold the same objects
    this.past = [];
    this.future = [];
    this.origin = null; // where the canvas changed and nothing else since: what it was before
  }

  get canUndo() { return this.past.length > 0; }
  get canRedo() { return this.future.length > 0; }

  // Adds a step: the people as they were before it.
  record(before) {
    this.origin = null;
    this.past.push(before);
    if (this.past.length > LIMIT) this.past.shift();
    this.future = [];
  }

  undo() { return this.step(this.past, this.future); }
  redo() { return this.step(this.future, this.past); }

  // False where there is no step in that direction.
  step(from, to) {
    if (!from.length) return false;
    this.origin = null;
    to.push(this.people);
    this.people = from.pop();
    return true;
  }

  // A pose from elsewhere is one more step, so that it can be undone: a preset, a photo's people.
  // On a canvas of another size the same figures are no step, and the history goes along; as in
  // ui.pose.current_pose, a canvas that changes twice is fitted once, from the first.
  replacedBy({ width, height, people, anchor }, maxCoordinate) {
    const base = this.origin || this, size = [width, height];
    const fit = canvasFit(base.size, size, anchor || base.size, maxCoordinate);
    const next = new History({ board: this.board, width, height, people });
    next.past = base.past.map(fit);
    next.future = base.future.map(fit);
    const before = fit(base.people);
    if (largestMove(before, people) > SAME) next.record(before);
    else if (width !== base.size[0] || height !== base.size[1]) next.origin = base;
    return next;
  }
}

// The longest way of a joint between two poses, pixels; Infinity where they have other joints.
export function largestMove(one, other) {
  const flat = (people) => people.flatMap((p) => PARTS.flatMap((part) => p[part] || [null]));
  const a = flat(one), b = flat(other);
  if (a.length !== b.length) return Infinity;
  return Math.max(0, ...a.map((p, i) => jointMove(p, b[i])));
}

function jointMove(a, b) {
  if (!a || !b) return a === b ? 0 : Infinity;
  return a.hidden === b.hidden ? distance(a, b) : Infinity;
}
