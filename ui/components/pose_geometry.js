// The figure as numbers, no drawing: points are {x, y, hidden} in canvas pixels, y down.
// ui/pose_editor.py joins the files pose_*.js into one module; pose_editor.js is its entry.
const PARTS = ["body", "left_hand", "right_hand"];
const SWAPPED = [[2, 5], [3, 6], [4, 7], [8, 11], [9, 12], [10, 13], [14, 15], [16, 17]];
const ENDS = new Set([4, 7, 10, 13]); // wrists and ankles: two bones hang them on the trunk
const WRISTS = { left_hand: 7, right_hand: 4 };

const round = (value) => Math.round(value * 100) / 100;
const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
const copy = (value) => structuredClone(value);
const angleOf = (from, to) => Math.atan2(to.y - from.y, to.x - from.x);
const between = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);
const shown = (point) => Boolean(point && !point.hidden);
const shift = (dx, dy) => (p) => ({ x: p.x + dx, y: p.y + dy });

function turned(pivot, angle) {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return (p) => {
    const x = p.x - pivot.x, y = p.y - pivot.y;
    return { x: pivot.x + x * cos - y * sin, y: pivot.y + x * sin + y * cos };
  };
}

function moved(points, change, chosen = () => true) {
  return points && points.map((p, j) => {
    if (!p || !chosen(j)) return p;
    const to = change(p);
    return { ...p, x: round(to.x), y: round(to.y) };
  });
}

function allMoved(person, change) {
  return Object.fromEntries(PARTS.map((part) => [part, moved(person[part], change)]));
}

// The box around what is drawn (or around every point), null for a figure without any.
function bounds(person, chosen = shown) {
  const points = PARTS.flatMap((part) => (person[part] || []).filter(chosen));
  if (!points.length) return null;
  const xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  return {
    l: Math.min(...xs), t: Math.min(...ys), r: Math.max(...xs), b: Math.max(...ys),
  };
}

// Where a figure may go: the canvas, and where it stands already if that is outside.
function room(person, width, height) {
  const box = bounds(person) || { l: 0, t: 0, r: 0, b: 0 };
  return {
    l: Math.min(0, box.l), t: Math.min(0, box.t),
    r: Math.max(width, box.r), b: Math.max(height, box.b),
  };
}

function movedBy(person, dx, dy, limits) {
  const box = bounds(person);
  if (!box) return person;
  const x = clamp(dx, limits.l - box.l, limits.r - box.r);
  const y = clamp(dy, limits.t - box.t, limits.b - box.b);
  return allMoved(person, shift(x, y));
}

function scaledBy(person, anchor, factor, limits) {
  const box = bounds(person);
  const fits = (edge, from, limit) =>
    Math.abs(edge - from) < 1e-6 || Math.sign(limit - from) !== Math.sign(edge - from)
      ? Infinity : (limit - from) / (edge - from);
  const most = Math.min(
    fits(box.l, anchor.x, limits.l), fits(box.r, anchor.x, limits.r),
    fits(box.t, anchor.y, limits.t), fits(box.b, anchor.y, limits.b),
  );
  const least = 8 / Math.max(box.r - box.l, box.b - box.t, 8);
  const f = clamp(factor, least, most);
  return allMoved(person, (p) => ({
    x: anchor.x + (p.x - anchor.x) * f, y: anchor.y + (p.y - anchor.y) * f,
  }));
}

// Turned about a point and brought back into its room; null where it is too large for that.
function rotatedBy(person, centre, angle, limits) {
  const next = allMoved(person, turned(centre, angle));
  const box = bounds(next);
  if (box.r - box.l > limits.r - limits.l || box.b - box.t > limits.b - limits.t) return null;
  const dx = clamp(0, limits.l - box.l, limits.r - box.r);
  const dy = clamp(0, limits.t - box.t, limits.b - box.b);
  return allMoved(next, shift(dx, dy));
}

function mirrored(person) {
  const box = bounds(person, Boolean);
  if (!box) return person;
  const next = allMoved(person, (p) => ({ x: box.l + box.r - p.x, y: p.y }));
  for (const [a, b] of SWAPPED) [next.body[a], next.body[b]] = [next.body[b], next.body[a]];
  [next.left_hand, next.right_hand] = [next.right_hand, next.left_hand];
  return next;
}

// A hand goes where its wrist goes and turns as the forearm turns.
function carryHands(before, after, kin) {
  for (const [part, wrist] of Object.entries(WRISTS)) {
    const from = before.body[wrist], to = after.body[wrist], elbow = kin[wrist];
    if (!before[part] || !from || !to) continue;
    const bones = before.body[elbow] && after.body[elbow];
    const angle = bones ? angleOf(after.body[elbow], to) - angleOf(before.body[elbow], from) : 0;
    const turn = turned(from, angle), move = shift(to.x - from.x, to.y - from.y);
    after[part] = moved(before[part], (p) => move(turn(p)));
  }
}

function freed(person, joint, to) {
  return { ...person, body: moved(person.body, () => to, (j) => j === joint) };
}

// Two-bone inverse kinematics by the law of cosines: the middle joint keeps its side.
function bent(person, joint, to, kin) {
  const middle = kin[joint], root = kin[middle];
  const [a, m, e] = [root, middle, joint].map((j) => person.body[j]);
  const upper = between(a, m), lower = between(m, e);
  const reach = clamp(between(a, to), Math.abs(upper - lower) + 1e-3, upper + lower);
  const cross = (e.x - a.x) * (m.y - a.y) - (e.y - a.y) * (m.x - a.x);
  const cosine = (upper ** 2 + reach ** 2 - lower ** 2) / (2 * upper * reach || 1);
  const towards = angleOf(a, to);
  const bend = towards + Math.acos(clamp(cosine, -1, 1)) * (cross < 0 ? -1 : 1);
  const at = (angle, length) => ({
    x: a.x + length * Math.cos(angle), y: a.y + length * Math.sin(angle),
  });
  return freed(freed(person, middle, at(bend, upper)), joint, at(towards, reach));
}

const below = (joint, kin) => (j) => {
  for (let up = j; up !== undefined; up = kin[up]) if (up === joint) return true;
  return false;
};

// The joint goes as near to the target as its bones, which keep their lengths, let it.
function pulled(person, joint, to, kin) {
  const parent = kin[joint], from = person.body[joint];
  if (parent === undefined) return allMoved(person, shift(to.x - from.x, to.y - from.y));
  const pivot = person.body[parent];
  if (!pivot) return freed(person, joint, to);
  if (ENDS.has(joint) && person.body[kin[parent]]) return bent(person, joint, to, kin);
  const turn = turned(pivot, angleOf(pivot, to) - angleOf(pivot, from));
  return { ...person, body: moved(person.body, turn, below(joint, kin)) };
}

function jointMoved(person, joint, to, kin, keepLengths) {
  const whole = keepLengths && kin[joint] === undefined;
  const next = keepLengths ? pulled(person, joint, to, kin) : freed(person, joint, to);
  if (!whole) carryHands(person, next, kin);
  return next;
}

// A preset's points are (along the hand, towards the thumb) in hand lengths from the wrist, as
// poses.hands has them; `length` is a hand's in forearms.
function handFrom(preset, person, part, kin, length) {
  const wrist = person.body[WRISTS[part]], elbow = person.body[kin[WRISTS[part]]];
  const dx = (wrist.x - elbow.x) * length, dy = (wrist.y - elbow.y) * length;
  const side = part === "right_hand" ? 1 : -1;
  return preset.map(([along, across]) => ({
    x: round(wrist.x + along * dx + across * side * dy),
    y: round(wrist.y + along * dy - across * side * dx),
    hidden: false,
  }));
}

// The other side of a hand: mirrored about the forearm, which runs through the wrist.
function turnedOver(person, part, kin) {
  const wrist = person.body[WRISTS[part]], elbow = person.body[kin[WRISTS[part]]];
  const from = wrist || person[part][0], along = elbow && wrist ? angleOf(elbow, wrist) : 0;
  const cos = Math.cos(2 * along), sin = Math.sin(2 * along);
  return moved(person[part], (p) => {
    const x = p.x - from.x, y = p.y - from.y;
    return { x: from.x + x * cos + y * sin, y: from.y + x * sin - y * cos };
  });
}

// A new figure, as tall as the others and on their ground, where the most space is left.
function standing(figure, people, width, height) {
  const box = bounds(figure), others = people.map((one) => bounds(one)).filter(Boolean);
  const tall = Math.max(0.2 * height, ...others.map(({ t, b }) => b - t));
  const f = Math.min(
    (others.length ? Math.min(tall, height) : 0.8 * height) / (box.b - box.t),
    (0.8 * width) / (box.r - box.l),
  );
  const half = (f * (box.r - box.l)) / 2, middle = (box.l + box.r) / 2;
  const space = (x) =>
    Math.min(2 * x, 2 * (width - x), ...others.map(({ l, r }) => Math.abs((l + r) / 2 - x)));
  const spots = [0.5, 0.25, 0.75, 0.1, 0.9].map((at) => clamp(at * width, half, width - half));
  const x = spots.reduce((best, spot) => (space(spot) > space(best) + 1 ? spot : best));
  const ground = others.length ? Math.max(...others.map(({ b }) => b)) : 0.9 * height;
  const placed = allMoved(figure, (p) => ({
    x: x + (p.x - middle) * f, y: ground + (p.y - box.b) * f,
  }));
  return movedBy(placed, 0, 0, { l: 0, t: 0, r: width, b: height });
}

function beside(person, width, height) {
  const limits = room(person, width, height), box = bounds(person);
  const right = movedBy(person, width / 8, 0, limits);
  const stuck = !box || bounds(right).l - box.l < width / 16;
  return stuck ? movedBy(person, -width / 8, 0, limits) : right;
}

function unhidden(person) {
  const shownOf = (points) => points && points.map((p) => p && { ...p, hidden: false });
  return Object.fromEntries(PARTS.map((part) => [part, shownOf(person[part])]));
}

// Unknown joints are put where the model figure has them, seen from the nearest known one.
function completed(person, figure, kin) {
  const next = copy(person);
  const known = (j) => next.body[j] !== null;
  const bones = next.body.map((p, j) => j).filter((j) => known(j) && kin[j] >= 0 && known(kin[j]));
  const long = (body) => bones.reduce((sum, j) => sum + between(body[j], body[kin[j]]), 0);
  const f = bones.length ? long(next.body) / long(figure.body) : 1;
  const start = next.body.findIndex(Boolean);
  if (start < 0) return person;
  next.body.forEach((p, j) => {
    if (p) return;
    const via = known(kin[j] ?? start) ? kin[j] ?? start : start;
    const model = figure.body[j], base = figure.body[via], from = next.body[via];
    next.body[j] = {
      x: round(from.x + (model.x - base.x) * f), y: round(from.y + (model.y - base.y) * f),
      hidden: false,
    };
  });
  return next;
}
