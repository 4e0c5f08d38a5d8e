// Makes and changes elements of the drawing.
const NAMESPACE = "http://www.w3.org/2000/svg";

export function createElement(name, attributes, parent) {
  const made = document.createElementNS(NAMESPACE, name);
  setAttributes(made, attributes);
  parent?.append(made);
  return made;
}

export function setAttributes(node, attributes) {
  for (const name in attributes) node.setAttribute(name, attributes[name]);
}

export function setShown(node, isShown) {
  node.setAttribute("display", isShown ? "inline" : "none");
}
