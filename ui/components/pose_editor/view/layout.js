// The editor's elements: tool bar, canvas, what is written below it.
import { createElement } from "./svg.js";
import { asHtml } from "./texts.js";

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
// The names of the tools, in groups.
const TOOLS = [
  ["undo", "redo"], ["add", "duplicate", "remove", "mirror", "visible"],
  ["lock", "hands", "grid"], ["help"],
];
const SWITCHES = new Set(["lock", "hands", "grid"]);
const ZOOM = ["out", "fit", "in"];
const FRAME = {
  box: "rect", stem: "line", a: "rect", b: "rect", c: "rect", d: "rect", turn: "circle",
};

function toolButton(name, texts, icon = name) {
  const label = asHtml(texts.tools[name]);
  return `<button type="button" data-tool="${name}" title="${label}" aria-label="${label}"
    ${SWITCHES.has(name) ? 'aria-pressed="false"' : ""}><svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="${ICONS[icon]}"/></svg></button>`;
}

function toolButtons(names, texts) {
  return names.map((name) => toolButton(name, texts)).join("");
}

function handChoice(part, presets, texts) {
  const shapes = Object.keys(presets).map((name) => [name, name]);
  const options = [["none", texts.no_hand], ...shapes].map(([value, words]) =>
    `<option value="${value}">${asHtml(words)}</option>`);
  return `<span class="hand"><label>${asHtml(texts.hand_labels[part])}
    <select data-hand="${part}"><option value="drawn" hidden>${asHtml(texts.hand_as_drawn)}</option>
    ${options.join("")}</select></label>${toolButton(`turn_${part}`, texts, "turn")}</span>`;
}

function helpList(lines) {
  return lines.map(([what, does]) =>
    `<div><dt>${asHtml(what)}</dt><dd>${asHtml(does)}</dd></div>`).join("");
}

function markup(presets, texts) {
  const groups = TOOLS.map((names) => `<span class="group">${toolButtons(names, texts)}</span>`);
  return `
    <div class="tools" role="toolbar" aria-label="${asHtml(texts.tool_bar)}">
      ${groups.join("")}</div>
    <div class="choices" hidden>${["right_hand", "left_hand"]
      .map((part) => handChoice(part, presets, texts)).join("")}</div>
    <dl class="help" hidden>${helpList(texts.help)}</dl>
    <div class="stage"><svg class="canvas" tabindex="0" role="application"></svg>
      <div class="menu" role="menu" hidden></div></div>
    <div class="foot"><span class="about"></span>
      <label class="fade" hidden>${asHtml(texts.picture)}<input type="range" min="0" max="100"
        value="60" aria-label="${asHtml(texts.opacity)}"></label>
      <span class="group" role="group" aria-label="${asHtml(texts.view)}"><span class="zoom"></span>
        ${toolButtons(ZOOM, texts)}</span></div>
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
export function buildEditor(root, presets, texts) {
  root.innerHTML = markup(presets, texts);
  const find = (selector) => root.querySelector(selector);
  return {
    root, ...drawingOf(find("svg.canvas")),
    bar: find(".tools"), choices: find(".choices"), help: find(".help"), stage: find(".stage"),
    menu: find(".menu"), about: find(".about"),
    fade: find(".fade"), zoom: find(".zoom"), spoken: find(".spoken"),
    tool: (name) => find(`[data-tool=${name}]`), hand: (part) => find(`[data-hand=${part}]`),
  };
}
