// A step of a gesture: where a joint or a limb may go, for canvas, grid and bones.
function snapped(editor, value) {
  return editor.on.grid ? Math.round(value / editor.step) * editor.step : value;
}

// A person whose joint went by dx, dy as far as canvas and, when locked, bones allow.
function jointTo(editor, { part, joint }, person, dx, dy, snapping = true) {
  const start = person[part][joint], limits = room(person, ...editor.size);
  const snap = (value) => (snapping ? snapped(editor, value) : value);
  const to = {
    x: clamp(snap(start.x + dx), limits.l, limits.r),
    y: clamp(snap(start.y + dy), limits.t, limits.b),
  };
  if (part === "body") return jointMoved(person, joint, to, editor.kin, editor.on.lock);
  const change = joint ? () => to : shift(to.x - start.x, to.y - start.y);
  return { ...person, [part]: moved(person[part], change, (j) => !joint || j === joint) };
}

function limbBy(editor, limb, person, dx, dy) {
  const ends = editor.drawing.limbs[limb], limits = room(person, ...editor.size);
  const [a, b] = ends.map((j) => person.body[j]), { kin } = editor;
  const fit = (value, low, high, from, to) =>
    clamp(snapped(editor, value), low - Math.min(from, to), high - Math.max(from, to));
  const x = fit(dx, limits.l, limits.r, a.x, b.x), y = fit(dy, limits.t, limits.b, a.y, b.y);
  if (editor.on.lock) return jointMoved(person, ends[1], shift(x, y)(b), kin, true);
  const next = { ...person, body: moved(person.body, shift(x, y), (j) => ends.includes(j)) };
  carryHands(person, next, kin);
  return next;
}
