// Brings figures onto a canvas of another size; the same as poses.canvas.fitted does in Python.
// The browser does it to the history, of which Python knows nothing.
import { clamp, mapPerson } from "./geometry.js";

// What brings people from one canvas to another with their proportions kept: they move as `content`
// does, which lies whole in the middle of both. All three are [width, height].
export function canvasFit(from, to, content, maxCoordinate) {
  if (from[0] === to[0] && from[1] === to[1]) return (people) => people;
  const [before, left, top] = placing(content, from);
  const [after, newLeft, newTop] = placing(content, to);
  const f = after / before, dx = newLeft - left * f, dy = newTop - top * f;
  const within = (value) => clamp(value, -maxCoordinate, maxCoordinate);
  const place = (p) => ({ x: within(p.x * f + dx), y: within(p.y * f + dy) });
  return (people) => people.map((person) => mapPerson(person, place));
}

// Scale and upper left corner of something whole in the middle of a canvas.
function placing(size, canvas) {
  const scale = Math.min(canvas[0] / size[0], canvas[1] / size[1]);
  return [scale, (canvas[0] - size[0] * scale) / 2, (canvas[1] - size[1] * scale) / 2];
}
