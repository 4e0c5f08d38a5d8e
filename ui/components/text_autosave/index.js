// Hands over what is being typed after a short pause, so that a reload loses no word.
// Streamlit takes a text box when the focus leaves it: that event is all it needs to be told.
const HEARD = new WeakSet();
const WAITING = new Map();
const PAUSE = 500;
const LOOK = 100;
const GRACE = 3000;

function handOver(area) {
  clearTimeout(WAITING.get(area));
  WAITING.delete(area);
  area.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

function wait(area) {
  clearTimeout(WAITING.get(area));
  WAITING.set(area, setTimeout(() => handOver(area), PAUSE));
}

function listen(area) {
  if (HEARD.has(area)) return;
  HEARD.add(area);
  area.addEventListener("input", () => wait(area));
  if (area === document.activeElement) wait(area); // somebody was faster than this script
}

// A link that is pressed within that pause waits for the text: Streamlit would drop one of them.
function follow(event) {
  const link = event.target.closest("a");
  const plain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey);
  if (!link || !plain || !WAITING.size) return;
  event.preventDefault();
  event.stopPropagation();
  [...WAITING.keys()].forEach(handOver);
  goWhenTaken(link, Date.now() + GRACE, Date.now() + 2 * LOOK);
}

// The script runs once the text arrived; when it rests again, the text was kept.
function goWhenTaken(link, end, begin) {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  const now = Date.now();
  if (now > end || (now > begin && state !== "running")) link.click();
  else setTimeout(() => goWhenTaken(link, end, begin), LOOK);
}

export default function ({ data }) {
  document.addEventListener("click", follow, true);
  for (const key of data.keys) {
    document.querySelectorAll(`.st-key-${CSS.escape(key)} textarea`).forEach(listen);
  }
  return () => document.removeEventListener("click", follow, true);
}
