// Hands: put on from a preset, turned over, and carried along by their wrists.
import { angleOf, isShown, mapPoints, rotation, roundCoordinate, translation } from "./geometry.js";

// Whether there is a forearm to put a hand on.
export function hasForearm(person, part, skeleton) {
  const { wrist, elbow } = forearm(person.body, part, skeleton);
  return isShown(wrist) && isShown(elbow);
}

function forearm(body, part, skeleton) {
  const wrist = skeleton.wrists[part];
  return { wrist: body[wrist], elbow: body[skeleton.parents[wrist]] };
}

// A preset's points are (along the hand, across towards the thumb) in hand lengths from the wrist,
// as poses.hands has them.
export function handFromPreset(preset, person, part, skeleton) {
  const { wrist, elbow } = forearm(person.body, part, skeleton);
  const dx = (wrist.x - elbow.x) * skeleton.handLength;
  const dy = (wrist.y - elbow.y) * skeleton.handLength;
  const side = part === "right_hand" ? 1 : -1;
  return preset.map(([along, across]) => ({
    x: roundCoordinate(wrist.x + along * dx + across * side * dy),
    y: roundCoordinate(wrist.y + along * dy - across * side * dx),
    hidden: false,
  }));
}

// The other side of a hand: mirrored about the forearm, which runs through the wrist.
export function turnHandOver(person, part, skeleton) {
  const { wrist, elbow } = forearm(person.body, part, skeleton);
  const from = wrist || person[part][0], along = elbow && wrist ? angleOf(elbow, wrist) : 0;
  const cos = Math.cos(2 * along), sin = Math.sin(2 * along);
  return mapPoints(person[part], (p) => {
    const x = p.x - from.x, y = p.y - from.y;
    return { x: from.x + x * cos + y * sin, y: from.y + x * sin - y * cos };
  });
}

// The hands of a person whose body moved: each goes where its wrist goes and turns as the forearm.
export function carryHands(before, body, skeleton) {
  const hands = {};
  for (const part of Object.keys(skeleton.wrists)) {
    const old = forearm(before.body, part, skeleton), now = forearm(body, part, skeleton);
    hands[part] = before[part];
    if (!before[part] || !old.wrist || !now.wrist) continue;
    const angle = old.elbow && now.elbow
      ? angleOf(now.elbow, now.wrist) - angleOf(old.elbow, old.wrist) : 0;
    const turn = rotation(old.wrist, angle);
    const move = translation(now.wrist.x - old.wrist.x, now.wrist.y - old.wrist.y);
    hands[part] = mapPoints(before[part], (p) => move(turn(p)));
  }
  return hands;
}
