// Streamlit's page tears when an update for one page reaches the next one; it then stands still.
// Loading it anew mends it: nothing of value lives in the browser. Never twice within a moment.
const TORN = /Bad delta path index|has no anchor to set node at/;
const MOMENT = 5000;
const MENDED = "contrapposto.mended";

function mend(event) {
  const said = String(event.message || event.reason);
  const last = Number(sessionStorage.getItem(MENDED));
  if (!TORN.test(said) || Date.now() - last < MOMENT) return;
  sessionStorage.setItem(MENDED, Date.now());
  location.reload();
}

export default function () {
  if (window.contrappostoMends) return;
  window.contrappostoMends = true;
  window.addEventListener("error", mend);
  window.addEventListener("unhandledrejection", mend);
}
