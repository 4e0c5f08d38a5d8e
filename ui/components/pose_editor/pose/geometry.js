// Figures as numbers, no DOM. Coordinates are pixels of the canvas, y down; angles are radians.
// A point is { x, y, hidden }, an unknown joint null. A person is { body, left_hand, right_hand },
// each an array of points, a missing hand null. Nothing is changed in place.
export const PARTS = ["body", "left_hand", "right_hand"];
const SMALLEST = 8; // pixels that a scaled figure keeps

export const distance = (a, b) => Math.hypot(b.x - a.x, b.y - a.y);
export const angleOf = (from, to) => Math.atan2(to.y - from.y, to.x - from.x);
export const isShown = (point) => Boolean(point && !point.hidden);
export const translation = (dx, dy) => (p) => ({ x: p.x + dx, y: p.y + dy });
export const boxCentre = ({ l, t, r, b }) => ({ x: (l + r) / 2, y: (t + b) / 2 });

// The lower limit wins where they contradict each other.
export const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
export const roundCoordinate = (value) => Math.round(value * 100) / 100;

export function rotation(centre, angle) {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return (p) => {
    const x = p.x - centre.x, y = p.y - centre.y;
    return { x: centre.x + x * cos - y * sin, y: centre.y + x * sin + y * cos };
  };
}

export function distanceToSegment(point, a, b) {
  const x = b.x - a.x, y = b.y - a.y;
  const t = clamp(((point.x - a.x) * x + (point.y - a.y) * y) / (x * x + y * y || 1), 0, 1);
  return distance(point, { x: a.x + t * x, y: a.y + t * y });
}

// The chosen joints at other places, all that are known unless something else is said.
export function mapPoints(points, change, isChosen = () => true) {
  return points && points.map((p, joint) => {
    if (!p || !isChosen(joint)) return p;
    const to = change(p);
    return { ...p, x: roundCoordinate(to.x), y: roundCoordinate(to.y) };
  });
}

export function mapPerson(person, change) {
  return Object.fromEntries(PARTS.map((part) => [part, mapPoints(person[part], change)]));
}

// The box { l, t, r, b } around the points that count, else around what is shown; null for none.
export function bounds(person, counts = isShown) {
  const points = PARTS.flatMap((part) => (person[part] || []).filter(counts));
  if (!points.length) return null;
  const xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  return { l: Math.min(...xs), t: Math.min(...ys), r: Math.max(...xs), b: Math.max(...ys) };
}

// Where a figure may go: the canvas, and where it stands already if that is outside.
export function travelLimits(person, width, height) {
  const box = bounds(person) || { l: 0, t: 0, r: 0, b: 0 };
  return {
    l: Math.min(0, box.l), t: Math.min(0, box.t),
    r: Math.max(width, box.r), b: Math.max(height, box.b),
  };
}

export function translatePerson(person, dx, dy, limits) {
  const box = bounds(person);
  if (!box) return person;
  const x = clamp(dx, limits.l - box.l, limits.r - box.r);
  const y = clamp(dy, limits.t - box.t, limits.b - box.b);
  return mapPerson(person, translation(x, y));
}

// Scaled about a point that stays, as far as the limits allow.
export function scalePerson(person, anchor, factor, limits) {
  const box = bounds(person);
  const largest = Math.min(
    largestFactor(box.l, anchor.x, limits.l), largestFactor(box.r, anchor.x, limits.r),
    largestFactor(box.t, anchor.y, limits.t), largestFactor(box.b, anchor.y, limits.b),
  );
  const least = SMALLEST / Math.max(box.r - box.l, box.b - box.t, SMALLEST);
  const f = clamp(factor, least, largest);
  return mapPerson(person, (p) => ({
    x: anchor.x + (p.x - anchor.x) * f, y: anchor.y + (p.y - anchor.y) * f,
  }));
}

// By how much an edge may go away from the anchor until it meets the limit on its side.
function largestFactor(edge, anchor, limit) {
  const grows = Math.sign(limit - anchor) === Math.sign(edge - anchor);
  return Math.abs(edge - anchor) < 1e-6 || !grows ? Infinity : (limit - anchor) / (edge - anchor);
}

// Rotated and brought back within the limits; null where it is too large for them.
export function rotatePerson(person, centre, angle, limits) {
  const next = mapPerson(person, rotation(centre, angle));
  const box = bounds(next);
  if (box.r - box.l > limits.r - limits.l || box.b - box.t > limits.b - limits.t) return null;
  const dx = clamp(0, limits.l - box.l, limits.r - box.r);
  const dy = clamp(0, limits.t - box.t, limits.b - box.b);
  return mapPerson(next, translation(dx, dy));
}

// Left and right swapped about the middle of the figure, hidden joints counted.
export function mirrorPerson(person, skeleton) {
  const box = bounds(person, Boolean);
  if (!box) return person;
  const { body, left_hand, right_hand } =
    mapPerson(person, (p) => ({ x: box.l + box.r - p.x, y: p.y }));
  for (const [a, b] of skeleton.mirrored) [body[a], body[b]] = [body[b], body[a]];
  return { body, left_hand: right_hand, right_hand: left_hand };
}

export function showAllJoints(person) {
  const show = (points) => points && points.map((p) => p && { ...p, hidden: false });
  return Object.fromEntries(PARTS.map((part) => [part, show(person[part])]));
}
