// The text area of Streamlit's that the editor stands in for. It stays what the app reads and
// writes: what is typed is put into it as if it was typed there, what a run puts there is shown.
const setValue = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;

// As if it was typed.
export function put(area, text) {
  if (area.value === text) return;
  setValue.call(area, text);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// As if the focus left it, which is when Streamlit takes the text.
export function handOver(area) {
  area.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}

// Calls back with each text that a run puts into the area. React writes a text into the area's
// content too, which, unlike its value, can be observed. Returns what ends it.
export function watch(area, changed) {
  const observer = new MutationObserver(() => changed(area.value));
  observer.observe(area, { childList: true, characterData: true, subtree: true });
  return () => observer.disconnect();
}

// Hides the area and puts another element of the same height in its place, which is returned.
export function standIn(area) {
  const place = document.createElement("div");
  place.className = "prompt-editor";
  place.style.height = `${area.offsetHeight}px`;
  area.style.setProperty("display", "none", "important");
  area.after(place);
  return place;
}

// The area is back as it was.
export function giveBack(area, place) {
  place.remove();
  area.style.removeProperty("display");
}
