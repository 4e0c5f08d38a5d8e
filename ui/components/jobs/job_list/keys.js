// Moves through the list with the arrow keys, and lets Escape clear the selection.
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

// Keys count while nothing but the page has the focus, or a part of the list has it; what is typed or moved
// elsewhere is not ours. Up and down scroll the page as long as the list has no focus.
function isOurs(event, parent) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return false;
  const inside = event.composedPath().includes(parent);
  const isFree = document.activeElement.matches("body, main, section");
  return inside || (isFree && /Left|Right|Escape/.test(event.key));
}

export function listenToKeys(parent, { step, clear }) {
  const onKey = (event) => {
    if (!isOurs(event, parent)) return;
    if (event.key === "Escape") clear();
    else if (event.key in STEPS && step(STEPS[event.key])) event.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
