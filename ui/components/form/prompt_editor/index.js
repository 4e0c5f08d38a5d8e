// Puts an editor in the place of each text area that holds a prompt. The page may put another
// text area in an area's place with any run, so that the document is watched for them.
import { PromptEditor } from "./editor.js";
import { Shared } from "./shared.js";
import { addStyle } from "./view/style.js";

const editors = new Map(); // by the class of the box
const forms = new Map(); // by the form's key: what its boxes share

const areaOf = (key) => document.querySelector(`.st-key-${CSS.escape(key)} textarea`);

function attach() {
  for (const shared of forms.values())
    for (const [key, recent] of Object.entries(shared.data.boxes)) {
      const old = editors.get(key);
      const area = areaOf(key);
      if (old?.area === area && old?.shared === shared && old.place.isConnected) continue;
      old?.destroy();
      editors.delete(key);
      if (area) editors.set(key, new PromptEditor(area, shared, recent));
    }
}

new MutationObserver(attach).observe(document.body, { childList: true, subtree: true });

function follow(data, chooseStyle) {
  const shared = forms.get(data.form) ?? new Shared(data);
  const isNew = !forms.has(data.form);
  const isOther = JSON.stringify(shared.data) !== JSON.stringify(data);
  shared.data = data;
  shared.chooseStyle = chooseStyle;
  forms.set(data.form, shared);
  attach();
  for (const [key, recent] of Object.entries(data.boxes)) {
    const editor = editors.get(key);
    editor?.take(editor.area.value);
    if (isOther && !isNew) editor?.refresh(recent);
  }
}

export default function ({ data, setTriggerValue }) {
  addStyle();
  follow(data, (name) => setTriggerValue("style", name));
}
