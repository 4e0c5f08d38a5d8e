// Tells of jobs that ended: in the tab's title while nobody looks, and, if allowed, by the browser.
const TOLD = "contrapposto.told";
const MOST_TOLD = 200;
const COUNT = /^\(\d+\) /;
let unseen = 0;
let watching = false;

function told() {
  try { return JSON.parse(sessionStorage.getItem(TOLD)) || []; } catch { return []; }
}

function isLookedAt() { return document.visibilityState === "visible" && document.hasFocus(); }

function showCount() {
  const plain = document.title.replace(COUNT, "");
  const title = unseen ? `(${unseen}) ${plain}` : plain;
  if (document.title !== title) document.title = title;
}

function watch() {
  if (watching) return;
  watching = true;
  const seen = () => { if (isLookedAt()) { unseen = 0; showCount(); } };
  addEventListener("focus", seen);
  document.addEventListener("visibilitychange", seen);
  // Streamlit writes the title anew with every page.
  new MutationObserver(showCount).observe(document.querySelector("title"), { childList: true });
}

function tell(alert) {
  if (isLookedAt()) return;
  unseen += 1;
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(alert.title, { body: alert.body, tag: alert.id });
  shown.onclick = () => { focus(); shown.close(); };
}

function draw(root, texts) {
  const permission = "Notification" in window ? Notification.permission : "denied";
  if (permission !== "default") {
    root.innerHTML = "<span role='status'></span>";
    root.firstChild.textContent = permission === "granted" ? texts.allowed : texts.denied;
    return;
  }
  root.innerHTML = "<button type='button'></button>";
  root.firstChild.textContent = texts.allow;
  root.firstChild.onclick = async () => {
    await Notification.requestPermission();
    draw(root, texts);
  };
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  root.classList.toggle("quiet", !data.ask);
  if (data.ask) draw(root, data.texts);
  watch();
  const known = told();
  const fresh = data.ended.filter((alert) => !known.includes(alert.id));
  if (fresh.length === 0) return;
  const all = [...known, ...fresh.map((alert) => alert.id)].slice(-MOST_TOLD);
  sessionStorage.setItem(TOLD, JSON.stringify(all));
  fresh.forEach(tell);
  showCount();
}
