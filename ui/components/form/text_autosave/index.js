// Hands over what is being typed after a short pause, so that a reload loses no word.
// Streamlit takes a text box when the focus leaves it: that event is all it needs to be told.
const keys = new Set(); // the classes of the boxes that are handed over
const waiting = new Map(); // text boxes with what is not handed over yet, and their timers
const PAUSE = 500; // milliseconds without a key press
const LOOK = 100; // milliseconds between two looks at the script's state
const BEGIN = 2 * LOOK; // after which a script that was asked to run does so
const GRACE = 3000; // no link waits longer
const AGAIN = 1000; // after which a press that led nowhere is repeated
let handedOver = 0; // when the last text was
let pressed = ""; // the address of the last link

function handOver(area) {
  clearTimeout(waiting.get(area));
  waiting.delete(area);
  handedOver = Date.now();
  area.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

function wait(area) {
  clearTimeout(waiting.get(area));
  waiting.set(area, setTimeout(() => handOver(area), PAUSE));
}

// The document listens, not each box: a run may put another box in its place.
function heed(area) {
  const isOurs = [...keys].some((key) => area.closest?.(`.st-key-${CSS.escape(key)}`));
  if (area.localName === "textarea" && isOurs) wait(area);
}

function hear(event) {
  heed(event.target);
}

// The script runs once the text arrived; when it rests again, the text was kept.
function isUnderWay() {
  const since = Date.now() - handedOver;
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  return since < BEGIN || (since < GRACE && state === "running");
}

// A link that is pressed meanwhile waits for the text: Streamlit would drop one of them.
function follow(event) {
  const link = event.target.closest("a");
  const isPlain = !(event.button || event.ctrlKey || event.metaKey || event.shiftKey);
  if (!link || !isPlain) return;
  pressed = link.href;
  [...waiting.keys()].forEach(handOver);
  if (!isUnderWay()) return;
  event.preventDefault();
  event.stopPropagation();
  goWhenTaken(link.href, location.href);
}

// The link is looked up again, since a run may have put another in its place; a press that
// Streamlit dropped all the same is repeated, unless the page was left or another link pressed.
function goWhenTaken(address, from, tries = 3) {
  if (!tries || pressed !== address) return;
  if (isUnderWay()) {
    setTimeout(() => goWhenTaken(address, from, tries), LOOK);
    return;
  }
  [...document.links].find((link) => link.href === address)?.click();
  watch(address, from, tries, Date.now() + AGAIN);
}

function watch(address, from, tries, until) {
  if (location.href !== from || pressed !== address) return;
  if (Date.now() < until) setTimeout(() => watch(address, from, tries, until), LOOK);
  else goWhenTaken(address, from, tries - 1);
}

// For as long as the page lives: a component that goes must not take away what its follower needs.
document.addEventListener("click", follow, true);
document.addEventListener("input", hear, true);

export default function ({ data }) {
  const added = data.keys.filter((key) => !keys.has(key));
  added.forEach((key) => keys.add(key));
  if (added.length) heed(document.activeElement); // somebody was faster than this script
  document.body.dataset.autosave = "on";
}
