// Draws the frame around the chosen figure with its grips, and the ring around the chosen joint.
// `scale` is screen pixels for each pixel of the canvas: what is drawn here keeps its size.
import { setAttributes, setShown } from "./svg.js";

export const CORNERS = ["a", "b", "c", "d"]; // clockwise from the top left

// Where the frame and its grips are; the grip to turn by stays below `top`.
export function frameAround(box, scale, top) {
  const pad = 14 / scale;
  const l = box.l - pad, t = box.t - pad, r = box.r + pad, b = box.b + pad;
  return {
    box: { l, t, r, b },
    a: { x: l, y: t }, b: { x: r, y: t }, c: { x: r, y: b }, d: { x: l, y: b },
    turn: { x: (l + r) / 2, y: Math.max(t - 26 / scale, top + 10 / scale) },
  };
}

// The corner across from one, which stays when the figure is scaled by that one.
export function oppositeCorner({ l, t, r, b }, corner) {
  return { x: "ad".includes(corner) ? r : l, y: "ab".includes(corner) ? b : t };
}

export function drawFrame({ frame, frameParts }, box, scale, top) {
  setShown(frame, box);
  if (!box) return;
  const at = frameAround(box, scale, top), { l, t, r, b } = at.box, { turn } = at;
  setAttributes(frameParts.box, { x: l, y: t, width: r - l, height: b - t });
  setAttributes(frameParts.stem, { x1: turn.x, y1: turn.y, x2: turn.x, y2: t });
  setAttributes(frameParts.turn, { cx: turn.x, cy: turn.y, r: 6 / scale });
  const half = 5 / scale, size = { width: 2 * half, height: 2 * half, rx: 2 / scale };
  for (const name of CORNERS) {
    setAttributes(frameParts[name], { x: at[name].x - half, y: at[name].y - half, ...size });
  }
}

export function drawRing({ ring, rings }, point, radius, scale) {
  setShown(ring, point);
  if (!point) return;
  for (const circle of rings) {
    setAttributes(circle, { cx: point.x, cy: point.y, r: radius + 4 / scale });
  }
}
