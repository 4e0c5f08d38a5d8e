// Hands over what is being typed after a short pause, so that a reload loses no word.
// Streamlit takes a text box when the focus leaves it: that event is all it needs to be told.
const HEARD = new WeakSet();
const PAUSE = 500;

function listen(area) {
  if (HEARD.has(area)) return;
  HEARD.add(area);
  let timer = 0;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      area.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    }, PAUSE);
  });
}

export default function ({ data }) {
  for (const key of data.keys) {
    document.querySelectorAll(`.st-key-${CSS.escape(key)} textarea`).forEach(listen);
  }
}
