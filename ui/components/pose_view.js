// Draws the editor: tool bar, canvas, figures, the frame around the chosen one.
const NS = "http://www.w3.org/2000/svg";
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
const TOOLS = [
  ["undo", "Undo (Ctrl+Z)"], ["redo", "Redo (Ctrl+Y)"], null,
  ["add", "Add a person"], ["duplicate", "Duplicate the person"], ["remove", "Remove the person"],
  ["mirror", "Mirror the person"], ["visible", "Hide or show the joint (Delete)"], null,
  ["lock", "Keep limb lengths", true], ["hands", "Edit hands", true],
  ["grid", "Grid, joints snap to it", true], null, ["help", "How to work here"],
];
const ZOOM = [["out", "Zoom out (-)"], ["fit", "Fit (0)"], ["in", "Zoom in (+)"]];
const FINGERS = ["thumb", "index finger", "middle finger", "ring finger", "little finger"];
const PART_NAMES = { left_hand: "left hand", right_hand: "right hand" };

function element(name, attributes, parent) {
  const made = document.createElementNS(NS, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (parent) parent.append(made);
  return made;
}

function set(node, attributes) {
  for (const key in attributes) node.setAttribute(key, attributes[key]);
}

function toolButton([name, label, toggles], icon = name) {
  return `<button type="button" data-tool="${name}" title="${label}" aria-label="${label}"
    ${toggles ? 'aria-pressed="false"' : ""}><svg viewBox="0 0 24 24" aria-hidden="true">
    <path d="${ICONS[icon]}"/></svg></button>`;
}

function handChoice(part, presets) {
  const names = ["none", ...Object.keys(presets)];
  const options = names.map((name) => `<option value="${name}">${name}</option>`).join("");
  const name = PART_NAMES[part], turn = [`turn_${part}`, `Turn the ${name} over`];
  return `<span class="hand"><label>${name[0].toUpperCase()}${name.slice(1)}
    <select data-hand="${part}"><option value="drawn" hidden>as drawn</option>${options}</select>
    </label>${toolButton(turn, "turn")}</span>`;
}

function buildEditor(root, data) {
  const groups = TOOLS.map((tool) => (tool ? toolButton(tool) : '</span><span class="group">'));
  root.innerHTML = `
    <div class="tools" role="toolbar" aria-label="Pose tools">
      <span class="group">${groups.join("")}</span></div>
    <div class="choices" hidden>${["right_hand", "left_hand"]
      .map((part) => handChoice(part, data.presets)).join("")}</div>
    <dl class="help" hidden>${helpList()}</dl>
    <div class="stage"><svg class="canvas" tabindex="0" role="application"></svg>
      <div class="menu" role="menu" hidden></div></div>
    <div class="foot"><span class="about"></span>
      <label class="fade" hidden>Picture<input type="range" min="0" max="100" value="60"
        aria-label="Opacity of the picture"></label>
      <span class="group" role="group" aria-label="View"><span class="zoom"></span>
        ${ZOOM.map((tool) => toolButton(tool)).join("")}</span></div>
    <div class="spoken" role="status" aria-live="polite"></div>`;
  const find = (selector) => root.querySelector(selector);
  const svg = find("svg.canvas");
  const paper = element("rect", { class: "paper" }, svg);
  const picture = element("image", { preserveAspectRatio: "none" }, svg);
  const grid = element("path", { class: "grid", display: "none" }, svg);
  const people = element("g", {}, svg);
  const frame = element("g", { class: "frame", display: "none" }, svg);
  const shapes = {
    box: "rect", stem: "line", a: "rect", b: "rect", c: "rect", d: "rect", turn: "circle",
  };
  const parts = {};
  for (const name in shapes) parts[name] = element(shapes[name], { class: name }, frame);
  const ring = element("g", { class: "ring", display: "none" }, svg);
  const rings = ["under", "over"].map((name) => element("circle", { class: name }, ring));
  return {
    root, svg, paper, picture, grid, people, frame, parts, ring, rings,
    bar: find(".tools"), choices: find(".choices"), help: find(".help"), stage: find(".stage"),
    menu: find(".menu"), about: find(".about"),
    fade: find(".fade"), zoom: find(".zoom"), spoken: find(".spoken"),
    tool: (name) => find(`[data-tool=${name}]`), hand: (part) => find(`[data-hand=${part}]`),
  };
}

function jointName(part, joint, names) {
  if (part === "body") return names[joint];
  if (!joint) return `${PART_NAMES[part]}, wrist`;
  return `${PART_NAMES[part]}, ${FINGERS[Math.floor((joint - 1) / 4)]} ${((joint - 1) % 4) + 1}`;
}

function figure(parent, drawing) {
  const group = element("g", {}, parent);
  const joint = (part, fill) => (_, j) => element("circle", {
    class: "joint", fill: fill(j), "data-part": part, "data-joint": j, role: "button",
    "aria-roledescription": "joint", r: drawing.radius,
  }, group);
  const limbs = drawing.limbs.map((_, i) =>
    element("ellipse", { class: "limb", fill: drawing.limb_colours[i] }, group));
  const nodes = {
    group, limbs, body: drawing.names.map(joint("body", (j) => drawing.colours[j])),
  };
  for (const part of ["left_hand", "right_hand"]) {
    nodes[`${part}_edges`] = drawing.hand_edges.map((_, i) => element("line", {
      class: "edge", stroke: drawing.hand_colours[i], "stroke-width": drawing.edge_width,
    }, group));
    nodes[part] = Array.from({ length: 21 }).map(joint(part, () => drawing.hand_joint));
  }
  return nodes;
}

// The limb of formats.openpose_map: an ellipse between two joints, the radius at its middle.
function drawLimb(node, a, b, radius) {
  const there = shown(a) && shown(b);
  node.setAttribute("display", there ? "inline" : "none");
  if (!there) return;
  const x = (a.x + b.x) / 2, y = (a.y + b.y) / 2;
  const degrees = (angleOf(a, b) * 180) / Math.PI;
  set(node, {
    rx: between(a, b) / 2, ry: radius, transform: `translate(${x} ${y}) rotate(${degrees})`,
  });
}

function drawJoint(node, point, reachable) {
  node.setAttribute("display", point ? "inline" : "none");
  if (!point) return;
  set(node, { cx: point.x, cy: point.y, tabindex: reachable ? 0 : -1 });
  node.classList.toggle("hidden", point.hidden);
}

function drawFigure(nodes, person, drawing, withHands) {
  drawing.limbs.forEach(([a, b], i) =>
    drawLimb(nodes.limbs[i], person.body[a], person.body[b], drawing.radius));
  for (const part of PARTS) {
    const points = person[part] || [];
    nodes[part].forEach((node, j) =>
      drawJoint(node, points[j], part === "body" || (withHands && j > 0)));
    (nodes[`${part}_edges`] || []).forEach((node, i) => {
      const [a, b] = drawing.hand_edges[i].map((j) => points[j]);
      const there = shown(a) && shown(b);
      node.setAttribute("display", there ? "inline" : "none");
      // Pillow draws lines from pixel to pixel, through their middles.
      const [x1, y1, x2, y2] = there ? [a.x, a.y, b.x, b.y].map((v) => Math.trunc(v) + 0.5) : [];
      if (there) set(node, { x1, y1, x2, y2 });
    });
  }
}

function labelFigure(nodes, person, number, names) {
  for (const part of PARTS) {
    (person[part] || []).forEach((p, j) => {
      if (!p) return;
      const where = `x ${Math.round(p.x)}, y ${Math.round(p.y)}`;
      const label = `person ${number}, ${jointName(part, j, names)}, ${where}`;
      nodes[part][j].setAttribute("aria-label", p.hidden ? `${label}, hidden` : label);
    });
  }
}

// Corners clockwise from the top left, and the grip to turn by, which stays below `top`;
// k is screen pixels per canvas pixel.
function grips(box, k, top) {
  const pad = 14 / k, l = box.l - pad, t = box.t - pad, r = box.r + pad, b = box.b + pad;
  return {
    box: { l, t, r, b },
    a: { x: l, y: t }, b: { x: r, y: t }, c: { x: r, y: b }, d: { x: l, y: b },
    turn: { x: (l + r) / 2, y: Math.max(t - 26 / k, top + 10 / k) },
  };
}

function drawFrame(view, box, k, top) {
  view.frame.setAttribute("display", box ? "inline" : "none");
  if (!box) return;
  const at = grips(box, k, top), { l, t, r, b } = at.box;
  set(view.parts.box, { x: l, y: t, width: r - l, height: b - t });
  set(view.parts.stem, { x1: at.turn.x, y1: at.turn.y, x2: at.turn.x, y2: t });
  for (const name of ["a", "b", "c", "d"]) {
    set(view.parts[name], {
      x: at[name].x - 5 / k, y: at[name].y - 5 / k, width: 10 / k, height: 10 / k, rx: 2 / k,
    });
  }
  set(view.parts.turn, { cx: at.turn.x, cy: at.turn.y, r: 6 / k });
}

function drawRing(view, point, radius, k) {
  view.ring.setAttribute("display", point ? "inline" : "none");
  if (!point) return;
  for (const circle of view.rings) set(circle, { cx: point.x, cy: point.y, r: radius + 4 / k });
}

function gridPath(width, height, step) {
  const lines = [];
  for (let x = step; x < width; x += step) lines.push(`M${x} 0V${height}`);
  for (let y = step; y < height; y += step) lines.push(`M0 ${y}H${width}`);
  return lines.join("");
}

function drawCanvas(view, { width, height, background }, step) {
  for (const node of [view.paper, view.picture]) set(node, { width, height });
  view.grid.setAttribute("d", gridPath(width, height, step));
  view.picture.setAttribute("display", background ? "inline" : "none");
  view.fade.hidden = !background;
  if (!background) return;
  view.picture.setAttribute("href", background);
  fadePicture(view);
}

function fadePicture(view) {
  view.picture.setAttribute("opacity", view.fade.querySelector("input").value / 100);
}
