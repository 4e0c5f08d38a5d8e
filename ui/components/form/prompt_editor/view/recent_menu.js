// A button with a menu of the prompts that this person generated with.
export function recentMenu(editor) {
  const { texts } = editor.shared.data;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "prompt-recent";
  button.textContent = texts.recent;
  button.title = texts.recentHelp;
  button.setAttribute("aria-haspopup", "menu");
  const menu = document.createElement("div");
  menu.className = "prompt-menu";
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", texts.recent);
  const show = (isOpen) => {
    menu.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) fill(menu, editor);
    if (isOpen) menu.firstElementChild.focus();
  };
  const close = () => {
    show(false);
    editor.focus();
  };
  button.addEventListener("click", () => show(menu.hidden));
  menu.addEventListener("click", ({ target }) => {
    const item = target.closest("[role=menuitem]");
    if (!item) return;
    editor.replace({ text: editor.recent.prompts[item.dataset.index] });
    close();
  });
  menu.addEventListener("keydown", (event) => onKey(event, menu, close));
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (!menu.contains(relatedTarget) && relatedTarget !== button) show(false);
  });
  show(false);
  return { button, menu };
}

function fill(menu, { recent }) {
  const items = recent.prompts.map((prompt, index) => {
    const item = document.createElement("button");
    item.type = "button";
    item.tabIndex = -1;
    item.setAttribute("role", "menuitem");
    item.dataset.index = index;
    item.textContent = prompt;
    return item;
  });
  menu.replaceChildren(...items);
}

function onKey(event, menu, close) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key === "Escape") close();
  else if (event.key in moves) items.at(moves[event.key] % items.length).focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
