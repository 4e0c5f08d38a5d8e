// Moves a joint of the body, with the bones' lengths kept (inverse kinematics) or freely.
import { angleOf, clamp, distance, mapPerson, mapPoints, rotation, translation }
  from "./geometry.js";
import { carryHands } from "./hands.js";

// The person with a joint at a place, or as near to it as bones that keep their lengths let it.
export function moveJoint(person, joint, to, skeleton, keepLengths) {
  if (!keepLengths) return withHands(person, setJoint(person, joint, to), skeleton);
  const from = person.body[joint];
  if (skeleton.parents[joint] === undefined) {
    return mapPerson(person, translation(to.x - from.x, to.y - from.y));
  }
  return withHands(person, pull(person, joint, to, skeleton), skeleton);
}

function withHands(before, after, skeleton) {
  return { ...after, ...carryHands(before, after.body, skeleton) };
}

function setJoint(person, joint, to) {
  return { ...person, body: mapPoints(person.body, () => to, (j) => j === joint) };
}

function pull(person, joint, to, skeleton) {
  const { body } = person, parent = skeleton.parents[joint], pivot = body[parent];
  if (!pivot) return setJoint(person, joint, to);
  if (skeleton.chainEnds.has(joint) && body[skeleton.parents[parent]]) {
    return bendChain(person, joint, to, skeleton);
  }
  const turn = rotation(pivot, angleOf(pivot, to) - angleOf(pivot, body[joint]));
  return { ...person, body: mapPoints(body, turn, (j) => skeleton.isBelow(j, joint)) };
}

function bendChain(person, end, to, skeleton) {
  const middle = skeleton.parents[end], root = skeleton.parents[middle];
  const [a, b, c] = [root, middle, end].map((j) => person.body[j]);
  const solved = solveTwoBones(a, b, c, to);
  return setJoint(setJoint(person, middle, solved.middle), end, solved.end);
}

// Two-bone inverse kinematics by the law of cosines: the root stays, both bones keep their
// lengths, the middle joint keeps its side, and the end comes as near to the target as it can.
export function solveTwoBones(root, middle, end, target) {
  const upper = distance(root, middle), lower = distance(middle, end);
  const reach = clamp(distance(root, target), Math.abs(upper - lower) + 1e-3, upper + lower);
  const cosine = (upper ** 2 + reach ** 2 - lower ** 2) / (2 * upper * reach || 1);
  const towards = angleOf(root, target);
  const bend = towards + Math.acos(clamp(cosine, -1, 1)) * sideOf(root, middle, end);
  const at = (angle, length) => ({
    x: root.x + length * Math.cos(angle), y: root.y + length * Math.sin(angle),
  });
  return { middle: at(bend, upper), end: at(towards, reach) };
}

// On which side of the line from root to end the middle lies: 1 or -1.
function sideOf(root, middle, end) {
  const cross = (end.x - root.x) * (middle.y - root.y) - (end.y - root.y) * (middle.x - root.x);
  return cross < 0 ? -1 : 1;
}
