// Buttons that copy a text each, and say for a moment that it was done.
const STATE = new WeakMap();
const SHOWN_MS = 1600;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no permission, or an address without https
    const box = document.createElement("textarea");
    Object.assign(box, { value: text, readOnly: true });
    box.style.cssText = "position:fixed;opacity:0";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

function made({ label, text, path }, texts, told) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  let timer = 0;
  button.onclick = async () => {
    const copied = await copy(path ? new URL(path, location.href).href : text);
    told.textContent = copied ? `${texts.copied}: ${label}` : texts.failed;
    button.textContent = copied ? `✓ ${texts.copied}` : texts.failed;
    button.classList.toggle("done", copied);
    button.focus();
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.textContent = label;
      button.classList.remove("done");
    }, SHOWN_MS);
  };
  return button;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const told = document.createElement("span");
  told.className = "told";
  told.setAttribute("role", "status");
  root.className = "root copies";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", data.texts.group);
  root.replaceChildren(...data.items.map((item) => made(item, data.texts, told)), told);
}
