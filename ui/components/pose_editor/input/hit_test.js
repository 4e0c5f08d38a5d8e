// What lies under a place on the canvas: a grip of the frame, a joint, a limb, or nothing.
import { bounds, distance, distanceToSegment, isShown } from "../pose/geometry.js";
import { CORNERS, frameAround } from "../view/selection_frame.js";

const REACH = { mouse: 10, pen: 12, touch: 22 }; // screen pixels around a joint that still hit it
const LIMB_REACH = 0.7; // of a joint's
const CHOSEN_FIRST = 0.8; // joints of the chosen figure seem nearer by this

// `at` is on the canvas. Returns null or { kind, person, ... }: a "turn" or "scale" with its grip, a
// "joint" with its part, or a "limb".
export function hitTest(editor, at, pointerType) {
  const reach = REACH[pointerType] / editor.camera.scale, { radius } = editor.drawing;
  return gripAt(editor, at, reach)
    || nearest(joints(editor, at), Math.max(reach, radius))
    || nearest(limbs(editor, at), Math.max(reach * LIMB_REACH, radius));
}

function nearest(candidates, reach) {
  let best = null, least = reach;
  for (const { away, ...candidate } of candidates) {
    if (away <= least) { least = away; best = candidate; }
  }
  return best;
}

function gripAt({ chosen, people, camera }, at, reach) {
  const box = people[chosen.person] && bounds(people[chosen.person]);
  if (!box) return null;
  const frame = frameAround(box, camera.scale, camera.top);
  const grip = ["turn", ...CORNERS].find((name) => distance(frame[name], at) < reach);
  const kind = grip === "turn" ? "turn" : "scale";
  return grip ? { kind, grip, box, person: chosen.person } : null;
}

function* joints({ people, switches, chosen, skeleton }, at) {
  const hands = switches.hands ? Object.keys(skeleton.wrists) : [];
  for (const [person, one] of people.entries()) {
    for (const part of ["body", ...hands]) {
      for (const [joint, p] of (one[part] || []).entries()) {
        if (!p || (part !== "body" && joint === 0 && one.body[skeleton.wrists[part]])) continue;
        const away = distance(p, at) * (person === chosen.person ? CHOSEN_FIRST : 1);
        yield { kind: "joint", person, part, joint, away };
      }
    }
  }
}

function* limbs({ people, skeleton }, at) {
  for (const [person, { body }] of people.entries()) {
    for (const [limb, [a, b]] of skeleton.limbs.entries()) {
      if (!isShown(body[a]) || !isShown(body[b])) continue;
      yield { kind: "limb", person, limb, away: distanceToSegment(at, body[a], body[b]) };
    }
  }
}
