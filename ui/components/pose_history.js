// The figures of one canvas with what undo and redo bring back; handed to Python once a gesture.
const HISTORY = 100;

class Pose {
  constructor({ board, width, height, people }) {
    this.board = board;
    this.size = [width, height];
    this.people = people; // never changed in place: the history holds the same objects
    this.past = [];
    this.future = [];
    this.origin = null; // where the canvas changed and nothing else since: what it was before
  }

  remember(before) {
    this.origin = null;
    this.past.push(before);
    if (this.past.length > HISTORY) this.past.shift();
    this.future = [];
  }

  travel(from, to) {
    if (!from.length) return false;
    this.origin = null;
    to.push(this.people);
    this.people = from.pop();
    return true;
  }

  // A pose from elsewhere is one more step, so that it can be undone: a preset, a photo's people.
  // On a canvas of another size the same figures are no step, and the history goes along; as in
  // ui.current_pose, a canvas that changes twice is fitted once, from the first.
  replacedBy({ width, height, people, anchor }) {
    const base = this.origin || this, fit = fitTo(base.size, [width, height], anchor || base.size);
    const next = new Pose({ board: this.board, width, height, people });
    next.past = base.past.map(fit);
    next.future = base.future.map(fit);
    const before = fit(base.people);
    if (apart(before, people) > 0.05) next.remember(before);
    else if (width !== base.size[0] || height !== base.size[1]) next.origin = base;
    return next;
  }
}

// As core.pose_fit.fitted: on the other canvas with its proportions kept, as what lies whole in the
// middle of both (a photo, or the first canvas) is moved.
function fitTo(from, to, thing) {
  if (from[0] === to[0] && from[1] === to[1]) return (people) => people;
  const placing = (canvas) => {
    const scale = Math.min(canvas[0] / thing[0], canvas[1] / thing[1]);
    return [scale, ...canvas.map((side, i) => (side - thing[i] * scale) / 2)];
  };
  const [before, left, top] = placing(from), [after, newLeft, newTop] = placing(to);
  const f = after / before, x = newLeft - left * f, y = newTop - top * f;
  return (people) =>
    people.map((person) => allMoved(person, (p) => ({ x: p.x * f + x, y: p.y * f + y })));
}

// The longest way of a joint between two poses; Infinity where they have other joints.
function apart(one, other) {
  const flat = (people) => people.flatMap((p) => PARTS.flatMap((part) => p[part] || [null]));
  const a = flat(one), b = flat(other);
  if (a.length !== b.length) return Infinity;
  const ways = a.map((p, i) => {
    if (!p || !b[i]) return p === b[i] ? 0 : Infinity;
    return p.hidden === b[i].hidden ? between(p, b[i]) : Infinity;
  });
  return Math.max(0, ...ways);
}
