// The mask editor's elements: tool bar, what the pose offers, canvas, what is written below it.
import { asHtml } from "../../../pose_editor/view/texts.js";

// Paths on a ground of 24 by 24.
const ICONS = {
  brush: "M20 4 10 14M8 15a3 3 0 0 0-3 3c0 1-1 2-2 2 3 1 8 1 8-3a2 2 0 0 0-3-2z",
  rectangle: "M4 6h16v12H4z",
  lasso: "M12 4c5 0 9 2 9 6s-4 6-9 6-9-2-9-6 4-6 9-6zM7 15c-1 2 0 4 2 5",
  erase: "m8 20-5-5L14 4l7 7-9 9zM9 9l7 7M8 20h13",
  undo: "M8 4 4 8l4 4M4 8h10a6 6 0 0 1 0 12h-4",
  redo: "m16 4 4 4-4 4M20 8H10a6 6 0 0 0 0 12h4",
  fill: "M4 4h16v16H4zM4 12 12 4M4 20 20 4M12 20l8-8",
  clear: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  invert: "M12 3a9 9 0 1 0 .01 0M12 3v18M12 8h8M12 13h8.5M12 18h6",
  hide: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 .01 0M4 4l16 16",
  help: "M12 3a9 9 0 1 0 .01 0M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.1",
  out: "M11 4a7 7 0 1 0 .01 0M16 16l5 5M8 11h6",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  in: "M11 4a7 7 0 1 0 .01 0M16 16l5 5M8 11h6M11 8v6",
};
const TOOLS = [
  ["brush", "rectangle", "lasso"], ["erase"], ["undo", "redo"],
  ["fill", "clear", "invert", "hide"], ["help"],
];
const ZOOM = ["out", "fit", "in"];
const SWITCHES = new Set(["brush", "rectangle", "lasso", "erase", "hide"]);
const PARTS = ["head", "hands", "figure"];

function maskTool(name, texts) {
  const label = asHtml(texts.tools[name]);
  return `<button type="button" data-tool="${name}" title="${label}" aria-label="${label}"
    ${SWITCHES.has(name) ? 'aria-pressed="false"' : ""}><svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="${ICONS[name]}"/></svg></button>`;
}

function maskTools(names, texts) {
  return `<span class="group">${names.map((name) => maskTool(name, texts)).join("")}</span>`;
}

function partButton(part, texts) {
  return `<button type="button" class="part" data-part="${part}">${asHtml(texts.parts[part])}</button>`;
}

function markup(texts) {
  return `
    <div class="tools" role="toolbar" aria-label="${asHtml(texts.tool_bar)}">
      ${TOOLS.map((names) => maskTools(names, texts)).join("")}</div>
    <div class="figures" role="group" aria-label="${asHtml(texts.from_pose)}" hidden>
      <span class="name">${asHtml(texts.from_pose)}</span><select class="who"
        aria-label="${asHtml(texts.who)}"></select>
      ${PARTS.map((part) => partButton(part, texts)).join("")}</div>
    <dl class="help" hidden>${texts.help.map(([what, does]) =>
      `<div><dt>${asHtml(what)}</dt><dd>${asHtml(does)}</dd></div>`).join("")}</dl>
    <div class="stage"><canvas class="canvas" tabindex="0" role="application"></canvas>
      <svg class="over" aria-hidden="true"><rect class="frame" hidden /><path class="shape" /></svg>
      <div class="ring" hidden></div></div>
    <div class="foot">
      <label class="size"><span class="name">${asHtml(texts.brush)}</span><input type="range" min="0"
        max="100" step="any" aria-label="${asHtml(texts.brush_size)}"><output></output></label>
      <span class="group" role="group" aria-label="${asHtml(texts.view)}">
        <output class="zoom"></output>${maskTools(ZOOM, texts)}</span></div>
    <div class="spoken" role="status" aria-live="polite"></div>`;
}

// Fills the root. Returns the elements that are changed later.
export function buildMaskEditor(root, texts) {
  root.innerHTML = markup(texts);
  const find = (selector) => root.querySelector(selector);
  return {
    root, bar: find(".tools"), figures: find(".figures"), who: find(".who"), help: find(".help"),
    stage: find(".stage"), canvas: find("canvas"), over: find(".over"), frame: find(".frame"),
    shape: find(".shape"), ring: find(".ring"), size: find(".size input"),
    pixels: find(".size output"), zoom: find(".zoom"), spoken: find(".spoken"),
    tool: (name) => find(`[data-tool=${name}]`),
  };
}

// The figures that the pose has, one by one and together.
export function nameFigures(view, count, texts) {
  view.figures.hidden = !count;
  if (view.who.length === count + 1) return;
  const names = Array.from({ length: count }, (_, index) => texts.figure.replace("{n}", index + 1));
  view.who.innerHTML = [texts.everyone, ...names].map((name, index) =>
    `<option value="${index}">${asHtml(name)}</option>`).join("");
}
