// The menu of a figure: opened by a right click, a long press or Enter.
import { bounds, clamp } from "../pose/geometry.js";
import { asHtml } from "../view/texts.js";
import { ARROWS, consume } from "./key_events.js";

const EDGE = 4; // pixels that stay free around the menu

export class Menu {
  constructor(editor) {
    this.editor = editor;
    this.node = editor.view.menu;
    this.node.addEventListener("keydown", (event) => this.press(event));
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.node.contains(relatedTarget)) this.node.hidden = true;
    });
  }

  get isOpen() { return !this.node.hidden; }

  // At a place on the screen.
  open({ clientX, clientY }) {
    const { node } = this, { svg } = this.editor.view;
    const items = this.items().map(([tool, words]) =>
      `<button type="button" role="menuitem" data-tool="${tool}">${asHtml(words)}</button>`);
    node.innerHTML = items.join("");
    node.hidden = false;
    const box = svg.getBoundingClientRect();
    const within = (place, room) => `${clamp(place, EDGE, room - EDGE)}px`;
    node.style.left = within(clientX - box.left, box.width - node.offsetWidth);
    node.style.top = within(clientY - box.top, box.height - node.offsetHeight);
    node.firstElementChild.focus({ preventScroll: true });
  }

  // Tools with their words, those that are of use now.
  items() {
    const { point, isFull, people, active, texts: { menu } } = this.editor, person = people[active];
    return [
      point && ["visible", point.hidden ? menu.show : menu.hide],
      bounds(person, (p) => p?.hidden) && ["show", menu.show_all],
      person.body.includes(null) && ["complete", menu.complete],
      ["mirror", menu.mirror], !isFull && ["duplicate", menu.duplicate], ["remove", menu.remove],
    ].filter(Boolean);
  }

  // Below the chosen joint or person, for who has no pointer.
  openAtChosen() {
    const { person, part, joint } = this.editor.chosen, nodes = this.editor.figures[person];
    const box = (nodes[part]?.[joint] || nodes.group).getBoundingClientRect();
    this.open({ clientX: box.right, clientY: box.bottom });
  }

  close() {
    const isInside = this.node.contains(this.node.getRootNode().activeElement);
    this.node.hidden = true;
    if (isInside) this.editor.focusChosen();
  }

  press(event) {
    const items = [...this.node.children], step = ARROWS[event.key]?.[1];
    if (!step) return;
    consume(event);
    items[(items.indexOf(event.target) + step + items.length) % items.length].focus();
  }
}
