// Draws what lies under the figures: the canvas, a picture and its opacity, the grid.
import { setAttributes, setShown } from "./svg.js";

export function drawBackground(view, { width, height, background }, gridStep) {
  for (const node of [view.paper, view.picture]) setAttributes(node, { width, height });
  view.grid.setAttribute("d", gridPath(width, height, gridStep));
  setShown(view.picture, background);
  view.fade.hidden = !background;
  if (!background) return;
  view.picture.setAttribute("href", background);
  fadePicture(view);
}

export function fadePicture(view) {
  view.picture.setAttribute("opacity", view.fade.querySelector("input").value / 100);
}

// About 32 steps on the short side, each a multiple of 8 pixels as the sides are.
export function gridStepFor(width, height) {
  return Math.max(8, Math.round(Math.min(width, height) / 256) * 8);
}

function gridPath(width, height, step) {
  const lines = [];
  for (let x = step; x < width; x += step) lines.push(`M${x} 0V${height}`);
  for (let y = step; y < height; y += step) lines.push(`M0 ${y}H${width}`);
  return lines.join("");
}
