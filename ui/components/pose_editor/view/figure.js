// Draws figures as formats.openpose.pose_map does: limbs below joints, hands above both.
import { angleOf, distance, isShown, PARTS } from "../pose/geometry.js";
import { createElement, setAttributes, setShown } from "./svg.js";
import { fillIn } from "./texts.js";

// The elements of one figure, none of them in its place yet. `role` is what a joint is called.
export function createFigure(parent, skeleton, drawing, role) {
  const group = createElement("g", {}, parent);
  const createJoint = (part, joint, fill) => createElement("circle", {
    class: "joint", fill, "data-part": part, "data-joint": joint, role: "button",
    "aria-roledescription": role, r: drawing.radius,
  }, group);
  const limbs = drawing.limb_colours.map((fill) =>
    createElement("ellipse", { class: "limb", fill }, group));
  const body = drawing.joint_colours.map((fill, joint) => createJoint("body", joint, fill));
  const nodes = { group, limbs, body, edges: {} };
  for (const part of Object.keys(skeleton.wrists)) {
    nodes.edges[part] = drawing.hand_colours.map((stroke) => createElement("line", {
      class: "edge", stroke, "stroke-width": drawing.edge_width,
    }, group));
    nodes[part] = Array.from({ length: skeleton.handPoints }, (_, joint) =>
      createJoint(part, joint, drawing.hand_joint));
  }
  return nodes;
}

export function drawFigure(nodes, person, skeleton, radius, withHands) {
  skeleton.limbs.forEach(([a, b], i) =>
    drawLimb(nodes.limbs[i], person.body[a], person.body[b], radius));
  for (const part of PARTS) {
    const points = person[part] || [];
    nodes[part].forEach((node, joint) =>
      drawJoint(node, points[joint], part === "body" || (withHands && joint > 0)));
    nodes.edges[part]?.forEach((node, i) => {
      const [a, b] = skeleton.handEdges[i];
      drawEdge(node, points[a], points[b]);
    });
  }
}

// An ellipse between two joints, the radius at its middle.
function drawLimb(node, a, b, radius) {
  const isDrawn = isShown(a) && isShown(b);
  setShown(node, isDrawn);
  if (!isDrawn) return;
  const x = (a.x + b.x) / 2, y = (a.y + b.y) / 2;
  const degrees = (angleOf(a, b) * 180) / Math.PI;
  setAttributes(node, {
    rx: distance(a, b) / 2, ry: radius, transform: `translate(${x} ${y}) rotate(${degrees})`,
  });
}

function drawJoint(node, point, isReachable) {
  setShown(node, point);
  if (!point) return;
  setAttributes(node, { cx: point.x, cy: point.y, tabindex: isReachable ? 0 : -1 });
  node.classList.toggle("hidden", point.hidden);
}

// Pillow draws lines from pixel to pixel, through their middles.
function drawEdge(node, a, b) {
  const isDrawn = isShown(a) && isShown(b);
  setShown(node, isDrawn);
  if (!isDrawn) return;
  const [x1, y1, x2, y2] = [a.x, a.y, b.x, b.y].map((value) => Math.trunc(value) + 0.5);
  setAttributes(node, { x1, y1, x2, y2 });
}

// What a screen reader says of each joint.
export function labelFigure(nodes, person, number, skeleton, texts) {
  for (const part of PARTS) {
    (person[part] || []).forEach((p, joint) => {
      if (!p) return;
      const label = fillIn(p.hidden ? texts.hidden_label : texts.label, {
        person: number, joint: skeleton.jointName(part, joint),
        x: Math.round(p.x), y: Math.round(p.y),
      });
      nodes[part][joint].setAttribute("aria-label", label);
    });
  }
}
