// Images and texts dropped or pasted anywhere on a page with a form go to its hidden upload field.
import { listenForDrops } from "../../models/upload_drop/dropping.js";

const OWN_FIELDS = "[data-testid=stFileUploaderDropzone]"; // they take what is pasted into them
const MOUNTED = new WeakMap();

// A line of A1111's parameters, as its infotexts end with.
const PARAMETERS = /(^|\n)\s*Steps: ?\d+,.*\b(Sampler|Seed|CFG scale|Size): ?\S/;

const isText = (file) => file.type === "text/plain" || /\.txt$/i.test(file.name);
const isImage = (file) => file.type.startsWith("image/");

class Mounted {
  constructor(root) {
    this.overlay = document.createElement("div");
    this.overlay.className = "overlay";
    this.overlay.popover = "manual";
    root.replaceChildren(this.overlay);
    const paste = (event) => this.paste(event);
    document.addEventListener("paste", paste, true); // before a text box has it
    const ends = listenForDrops(this.overlay, (files) => this.give(files));
    this.close = () => {
      document.removeEventListener("paste", paste, true);
      ends();
    };
  }

  say(message) {
    this.message = message;
    this.overlay.textContent = message.data.texts.drop;
  }

  paste(event) {
    const isTaken = event.composedPath().some((node) => node.matches?.(OWN_FIELDS));
    if (isTaken || !event.clipboardData) return;
    const files = [...event.clipboardData.files].filter(isImage);
    const text = event.clipboardData.getData("text/plain");
    if (!files.length && !PARAMETERS.test(text)) return;
    event.preventDefault();
    event.stopPropagation();
    if (files.length) this.give(files);
    else this.message.setTriggerValue("text", text.slice(0, this.message.data.characters + 1));
  }

  // The upload field sends them; what it can't take is named.
  give(files) {
    const { upload, bytes, most } = this.message.data;
    const fits = (file) => (isText(file) || isImage(file)) && file.size <= bytes;
    const taken = files.filter(fits).slice(0, most);
    const refused = files.filter((file) => !taken.includes(file));
    const input = document.querySelector(upload);
    if (!taken.length || !input) {
      this.message.setTriggerValue("refused", refused.map(({ name }) => name.slice(0, 100)));
      return;
    }
    const transfer = new DataTransfer();
    taken.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export default function (message) {
  const { parentElement } = message;
  const mounted = MOUNTED.get(parentElement) ?? new Mounted(parentElement.querySelector(".root"));
  MOUNTED.set(parentElement, mounted);
  mounted.say(message);
  return () => {
    mounted.close();
    MOUNTED.delete(parentElement);
  };
}
