// The editor's elements: tool bar, canvas, what is written below it.
import { partName } from "../pose/skeleton.js";
import { helpList } from "./help.js";
import { createElement } from "./svg.js";

// Paths on a ground of 24 by 24.
const ICONS = {
  undo: "M8 4 4 8l4 4M4 8h10a6 6 0 0 1 0 12h-4",
  redo: "m16 4 4 4-4 4M20 8H10a6 6 0 0 0 0 12h4",
  add: "M9 4a3 3 0 1 0 .01 0M3 20c0-5 3-7 6-7s6 2 6 7M19 4v6M16 7h6",
  duplicate: "M9 9h11v11H9zM15 9V4H4v11h5",
  remove: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  mirror: "M12 3v3M12 9v2M12 14v2M12 19v2M9 7 3 17h6zM15 7l6 10h-6z",
  visible: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 .01 0",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  hands: "M8 14V6.5a1.5 1.5 0 0 1 3 0V11 4.5a1.5 1.5 0 0 1 3 0V11 6"
    + "a1.5 1.5 0 0 1 3 0v8c0 4-2 7-6 7-3 0-4.5-2-5.5-4.5L4 13.5a1.5 1.5 0 0 1 2.5-1.5L8 14",
  grid: "M4 4h16v16H4zM4 9.3h16M4 14.7h16M9.3 4v16M14.7 4v16",
  help: "M12 3a9 9 0 1 0 .01 0M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.5v.1",
  turn: "M5 8a8 8 0 0 1 14 0M19 4v4h-4M19 16a8 8 0 0 1-14 0M5 20v-4h4",
  out: "M11 4a7 7 0 1 0 .01 0M16 16l5 5M8 11h6",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  in: "M11 4a7 7 0 1 0 .01 0M16 16l5 5M8 11h6M11 8v6",
};
// Name, label, whether it is a switch; null begins the next group.
const TOOLS = [
  ["undo", "Undo (Ctrl+Z)"], ["redo", "Redo (Ctrl+Y)"], null,
  ["add", "Add a person"], ["duplicate", "Duplicate the person"], ["remove", "Remove the person"],
  ["mirror", "Mirror the person"], ["visible", "Hide or show the joint (Delete)"], null,
  ["lock", "Keep limb lengths", true], ["hands", "Edit hands", true],
  ["grid", "Grid, joints snap to it", true], null, ["help", "How to work here"],
];
const ZOOM = [["out", "Zoom out (-)"], ["fit", "Fit (0)"], ["in", "Zoom in (+)"]];
const FRAME = {
  box: "rect", stem: "line", a: "rect", b: "rect", c: "rect", d: "rect", turn: "circle",
};

function toolButton([name, label, isSwitch], icon = name) {
  return `<button type="button" data-tool="${name}" title="${label}" aria-label="${label}"
    ${isSwitch ? 'aria-pressed="false"' : ""}><svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="${ICONS[icon]}"/></svg></button>`;
}

function handChoice(part, presets) {
  const names = ["none", ...Object.keys(presets)];
  const options = names.map((name) => `<option value="${name}">${name}</option>`).join("");
  const name = partName(part), turn = [`turn_${part}`, `Turn the ${name} over`];
  return `<span class="hand"><label>${name[0].toUpperCase()}${name.slice(1)}
    <select data-hand="${part}"><option value="drawn" hidden>as drawn</option>${options}</select>
    </label>${toolButton(turn, "turn")}</span>`;
}

function markup(presets) {
  const groups = TOOLS.map((tool) => (tool ? toolButton(tool) : '</span><span class="group">'));
  return `
    <div class="tools" role="toolbar" aria-label="Pose tools">
      <span class="group">${groups.join("")}</span></div>
    <div class="choices" hidden>${["right_hand", "left_hand"]
      .map((part) => handChoice(part, presets)).join("")}</div>
    <dl class="help" hidden>${helpList()}</dl>
    <div class="stage"><svg class="canvas" tabindex="0" role="application"></svg>
      <div class="menu" role="menu" hidden></div></div>
    <div class="foot"><span class="about"></span>
      <label class="fade" hidden>Picture<input type="range" min="0" max="100" value="60"
        aria-label="Opacity of the picture"></label>
      <span class="group" role="group" aria-label="View"><span class="zoom"></span>
        ${ZOOM.map((tool) => toolButton(tool)).join("")}</span></div>
    <div class="spoken" role="status" aria-live="polite"></div>`;
}

// What lies in the drawing, from the ground up.
function drawingOf(svg) {
  const paper = createElement("rect", { class: "paper" }, svg);
  const picture = createElement("image", { preserveAspectRatio: "none" }, svg);
  const grid = createElement("path", { class: "grid", display: "none" }, svg);
  const people = createElement("g", {}, svg);
  const frame = createElement("g", { class: "frame", display: "none" }, svg);
  const frameParts = {};
  for (const name in FRAME) frameParts[name] = createElement(FRAME[name], { class: name }, frame);
  const ring = createElement("g", { class: "ring", display: "none" }, svg);
  const rings = ["under", "over"].map((name) => createElement("circle", { class: name }, ring));
  return { svg, paper, picture, grid, people, frame, frameParts, ring, rings };
}

// Fills the root. Returns the elements that are changed later.
export function buildEditor(root, presets) {
  root.innerHTML = markup(presets);
  const find = (selector) => root.querySelector(selector);
  return {
    root, ...drawingOf(find("svg.canvas")),
    bar: find(".tools"), choices: find(".choices"), help: find(".help"), stage: find(".stage"),
    menu: find(".menu"), about: find(".about"),
    fade: find(".fade"), zoom: find(".zoom"), spoken: find(".spoken"),
    tool: (name) => find(`[data-tool=${name}]`), hand: (part) => find(`[data-hand=${part}]`),
  };
}
