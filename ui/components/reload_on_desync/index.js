// Loads the page anew when Streamlit's frontend no longer fits what the server sends.
// An update for one page that reaches the next one breaks its tree, and the page stands still.
// Nothing of value lives in the browser. Never twice within a moment.
const DESYNC = /Bad delta path index|has no anchor to set node at/;
const MOMENT = 5000;
const RELOADED = "contrapposto.reloaded";
let watching = false;

function reload(event) {
  const message = String(event.message || event.reason);
  const last = Number(sessionStorage.getItem(RELOADED));
  if (!DESYNC.test(message) || Date.now() - last < MOMENT) return;
  sessionStorage.setItem(RELOADED, Date.now());
  location.reload();
}

export default function ({ parentElement }) {
  parentElement.querySelector(".root").dataset.watching = "";
  if (watching) return;
  watching = true;
  addEventListener("error", reload);
  addEventListener("unhandledrejection", reload);
}
