// What lies under a place on the canvas: a grip of the frame, a joint, a limb, or nothing.
const REACH = { mouse: 10, pen: 12, touch: 22 }; // screen pixels around a joint that still hit it

function nearest(candidates, reach) {
  let best = null, least = reach;
  for (const { far, ...one } of candidates) {
    if (far <= least) { least = far; best = one; }
  }
  return best;
}

function targetAt(editor, at, kind) {
  const reach = REACH[kind] / editor.camera.k, radius = editor.drawing.radius;
  return gripAt(editor, at, reach) || nearest(joints(editor, at), Math.max(reach, radius))
    || nearest(limbs(editor, at), Math.max(reach * 0.7, radius));
}

function gripAt({ chosen, people, camera }, at, reach) {
  const box = people[chosen.person] && bounds(people[chosen.person]);
  if (!box) return null;
  const all = grips(box, camera.k, camera.top);
  const grip = ["turn", "a", "b", "c", "d"].find((name) => between(all[name], at) < reach);
  const kind = grip === "turn" ? "turn" : "scale";
  return grip ? { kind, grip, box, person: chosen.person } : null;
}

function* joints({ people, on, chosen }, at) {
  for (const [person, one] of people.entries()) {
    for (const part of on.hands ? PARTS : ["body"]) {
      for (const [joint, p] of (one[part] || []).entries()) {
        if (!p || (part !== "body" && joint === 0 && one.body[WRISTS[part]])) continue;
        const far = between(p, at) * (person === chosen.person ? 0.8 : 1);
        yield { kind: "joint", person, part, joint, far };
      }
    }
  }
}

function* limbs({ people, drawing }, at) {
  for (const [person, { body }] of people.entries()) {
    for (const [limb, [a, b]] of drawing.limbs.entries()) {
      if (!shown(body[a]) || !shown(body[b])) continue;
      yield { kind: "limb", person, limb, far: fromLine(at, body[a], body[b]) };
    }
  }
}

function fromLine(at, a, b) {
  const x = b.x - a.x, y = b.y - a.y;
  const t = clamp(((at.x - a.x) * x + (at.y - a.y) * y) / (x * x + y * y || 1), 0, 1);
  return between(at, { x: a.x + t * x, y: a.y + t * y });
}
