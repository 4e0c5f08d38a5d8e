// Where new figures stand, and where joints that nobody knows are put.
import { bounds, clamp, distance, mapPerson, roundCoordinate, translatePerson, travelLimits }
  from "./geometry.js";

// A new figure, as tall as the others and on their ground, where the most space is left.
export function placeNewPerson(figure, people, width, height) {
  const box = bounds(figure), others = people.map((one) => bounds(one)).filter(Boolean);
  const f = newScale(box, others, width, height), middle = (box.l + box.r) / 2;
  const x = widestGap(others, (f * (box.r - box.l)) / 2, width);
  const ground = others.length ? Math.max(...others.map(({ b }) => b)) : 0.9 * height;
  const placed = mapPerson(figure, (p) => ({
    x: x + (p.x - middle) * f, y: ground + (p.y - box.b) * f,
  }));
  return translatePerson(placed, 0, 0, { l: 0, t: 0, r: width, b: height });
}

function newScale(box, others, width, height) {
  const tallest = Math.max(0.2 * height, ...others.map(({ t, b }) => b - t));
  const tall = others.length ? Math.min(tallest, height) : 0.8 * height;
  return Math.min(tall / (box.b - box.t), (0.8 * width) / (box.r - box.l));
}

// The middle of a figure of that half width, as far from the others and the edges as can be.
function widestGap(others, half, width) {
  const space = (x) =>
    Math.min(2 * x, 2 * (width - x), ...others.map(({ l, r }) => Math.abs((l + r) / 2 - x)));
  const spots = [0.5, 0.25, 0.75, 0.1, 0.9].map((at) => clamp(at * width, half, width - half));
  return spots.reduce((best, spot) => (space(spot) > space(best) + 1 ? spot : best));
}

// Right of where it stands, or left of it where the canvas ends.
export function placeBeside(person, width, height) {
  const limits = travelLimits(person, width, height), box = bounds(person);
  const right = translatePerson(person, width / 8, 0, limits);
  const isStuck = !box || bounds(right).l - box.l < width / 16;
  return isStuck ? translatePerson(person, -width / 8, 0, limits) : right;
}

// Unknown joints are put where the model figure has them, seen from the nearest known one.
export function addMissingJoints(person, figure, { parents, maxCoordinate }) {
  const body = [...person.body], start = body.findIndex(Boolean);
  if (start < 0) return person;
  const f = boneScale(body, figure.body, parents);
  const place = (value) => roundCoordinate(clamp(value, -maxCoordinate, maxCoordinate));
  body.forEach((p, joint) => {
    if (p) return;
    const via = body[parents[joint]] ? parents[joint] : start;
    const model = figure.body[joint], base = figure.body[via], from = body[via];
    const x = place(from.x + (model.x - base.x) * f), y = place(from.y + (model.y - base.y) * f);
    body[joint] = { x, y, hidden: false };
  });
  return { ...person, body };
}

// How long the known bones are, in those of the model figure.
function boneScale(body, model, parents) {
  const bones = [...body.keys()].filter((joint) => body[joint] && body[parents[joint]]);
  const total = (points) =>
    bones.reduce((sum, joint) => sum + distance(points[joint], points[parents[joint]]), 0);
  return bones.length ? total(body) / total(model) : 1;
}
