// Takes model files from this computer: dropped anywhere on the page, or chosen.
import { listenForDrops } from "./dropping.js";
import { element, showRows } from "./rows.js";
import { add, configure, forget, listen, shown } from "./uploads.js";

const MOUNTED = new WeakMap();

function draw(root, texts) {
  const picker = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  picker.hidden = true;
  const button = element("button", "choose", texts.choose);
  button.type = "button";
  button.onclick = () => picker.click();
  picker.onchange = () => {
    add([...picker.files]);
    picker.value = ""; // so that the same file can be chosen again
  };
  const zone = element("div", "zone");
  zone.append(button, element("span", "hint", texts.hint), picker);
  const overlay = element("div", "overlay", texts.drop);
  overlay.popover = "manual";
  const list = element("ul", "uploads");
  list.setAttribute("aria-label", texts.list);
  root.replaceChildren(zone, list, overlay);
  return { list, overlay };
}

class Mounted {
  #told = "";

  constructor(root, data) {
    const { list, overlay } = draw(root, data.texts);
    this.list = list;
    this.ends = [listenForDrops(overlay, add), listen((news) => this.hear(news))];
  }

  say(message) {
    this.message = message;
    configure(message.data);
    this.hear({});
  }

  hear({ expired }) {
    const { texts, kinds } = this.message.data;
    if (expired) this.message.setTriggerValue("expired", Date.now());
    for (const [key, { stage }] of shown()) if (stage === "sent") forget(key);
    showRows(this.list, texts, kinds);
    this.#tell(shown().flatMap(([, { id }]) => id ?? []));
  }

  // The ids of the uploads that have a row here: the page's own list leaves them out.
  #tell(ids) {
    if (ids.join() === this.#told) return;
    this.#told = ids.join();
    this.message.setStateValue("shown", ids);
  }

  close() {
    this.ends.forEach((end) => end());
  }
}

export default function (message) {
  const { parentElement } = message;
  const mounted =
    MOUNTED.get(parentElement) ??
    new Mounted(parentElement.querySelector(".root"), message.data);
  MOUNTED.set(parentElement, mounted);
  mounted.say(message);
  return () => {
    mounted.close();
    MOUNTED.delete(parentElement);
  };
}
