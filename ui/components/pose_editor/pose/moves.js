// One step of a gesture: where a joint or a limb goes that is pushed by dx, dy.
// The rules are { skeleton, size: [width, height], keepLengths, gridStep }, a grid of 0 is none.
import { clamp, mapPoints, translation, travelLimits } from "./geometry.js";
import { carryHands } from "./hands.js";
import { moveJoint } from "./kinematics.js";

export function snap(value, gridStep) {
  return gridStep ? Math.round(value / gridStep) * gridStep : value;
}

// As far as canvas and, when they keep their lengths, bones allow; a hand's wrist takes it along.
export function moveJointBy(person, { part, joint }, dx, dy, rules) {
  const start = person[part][joint], limits = travelLimits(person, ...rules.size);
  const to = {
    x: clamp(snap(start.x + dx, rules.gridStep), limits.l, limits.r),
    y: clamp(snap(start.y + dy, rules.gridStep), limits.t, limits.b),
  };
  if (part === "body") return moveJoint(person, joint, to, rules.skeleton, rules.keepLengths);
  const change = joint ? () => to : translation(to.x - start.x, to.y - start.y);
  return { ...person, [part]: mapPoints(person[part], change, (j) => !joint || j === joint) };
}

export function moveLimbBy(person, limb, dx, dy, { skeleton, size, keepLengths, gridStep }) {
  const ends = skeleton.limbs[limb], limits = travelLimits(person, ...size);
  const [a, b] = ends.map((joint) => person.body[joint]);
  const fit = (value, low, high, from, to) =>
    clamp(snap(value, gridStep), low - Math.min(from, to), high - Math.max(from, to));
  const x = fit(dx, limits.l, limits.r, a.x, b.x), y = fit(dy, limits.t, limits.b, a.y, b.y);
  if (keepLengths) return moveJoint(person, ends[1], translation(x, y)(b), skeleton, true);
  const body = mapPoints(person.body, translation(x, y), (joint) => ends.includes(joint));
  return { ...person, body, ...carryHands(person, body, skeleton) };
}
