// The menu of a figure: opened by a right click, a long press or Enter.
class Menu {
  constructor(editor) {
    this.editor = editor;
    this.node = editor.view.menu;
    this.node.addEventListener("keydown", (event) => this.press(event));
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.node.contains(relatedTarget)) this.node.hidden = true;
    });
  }

  get isOpen() { return !this.node.hidden; }

  open({ clientX, clientY }) {
    const { node } = this, { svg } = this.editor.view;
    node.innerHTML = this.items().map(([name, words]) =>
      `<button type="button" role="menuitem" data-tool="${name}">${words}</button>`).join("");
    node.hidden = false;
    const box = svg.getBoundingClientRect();
    node.style.left = `${clamp(clientX - box.left, 4, box.width - node.offsetWidth - 4)}px`;
    node.style.top = `${clamp(clientY - box.top, 4, box.height - node.offsetHeight - 4)}px`;
    node.firstElementChild.focus({ preventScroll: true });
  }

  items() {
    const { point, full, people, active } = this.editor, person = people[active];
    return [
      point && ["visible", point.hidden ? "Show joint" : "Hide joint"],
      bounds(person, (p) => p?.hidden) && ["show", "Show all joints"],
      person.body.includes(null) && ["complete", "Add missing joints"],
      ["mirror", "Mirror"], !full && ["duplicate", "Duplicate"], ["remove", "Remove person"],
    ].filter(Boolean);
  }

  // Below the chosen joint or person, for who has no pointer.
  openAtChosen() {
    const { person, part, joint } = this.editor.chosen, nodes = this.editor.figures[person];
    const box = (nodes[part]?.[joint] || nodes.group).getBoundingClientRect();
    this.open({ clientX: box.right, clientY: box.bottom });
  }

  close() {
    const inside = this.node.contains(this.node.getRootNode().activeElement);
    this.node.hidden = true;
    if (inside) this.editor.choose(this.editor.chosen);
  }

  press(event) {
    const items = [...this.node.children], step = ARROWS[event.key]?.[1];
    if (!step) return;
    taken(event);
    items[(items.indexOf(event.target) + step + items.length) % items.length].focus();
  }
}
