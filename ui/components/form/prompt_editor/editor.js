// The editor of one prompt: CodeMirror with what this folder knows of prompts.
import { giveBack, handOver, put, standIn, watch } from "./area.js";
import { suggestions } from "./completion/suggestions.js";
import { promptKeys } from "./editing/keys.js";
import { RecentPrompts } from "./editing/recent.js";
import { countTokens } from "./tokens/chunks.js";
import { PromptBar } from "./view/bar.js";
import { bordersChanged, namesChanged, promptMarks } from "./view/decorations.js";
import {
  Annotation,
  EditorState,
  EditorView,
  history,
  historyKeymap,
  keymap,
  placeholder,
  Prec,
  standardKeymap,
} from "./vendor/codemirror-6.js";

const fromOutside = Annotation.define(); // a text that a run of the app put there
const COUNT_PAUSE = 60; // milliseconds without a key press

export class PromptEditor {
  #counting = 0;

  // `shared` is what all boxes of a form share; `recent` are the texts that were used in this one.
  constructor(area, shared, recent) {
    this.area = area;
    this.shared = shared;
    this.recent = new RecentPrompts(recent);
    const hadFocus = document.activeElement === area;
    const [anchor, head] = [area.selectionStart, area.selectionEnd];
    this.bar = new PromptBar(area, this);
    this.bar.showRecent(this.recent);
    this.place = standIn(area);
    this.view = new EditorView({ state: this.#state(), parent: this.place });
    this.stopWatching = watch(area, (text) => this.take(text));
    this.label = area.closest(".stTextArea").querySelector("label");
    this.label?.addEventListener("click", this.focus);
    if (hadFocus) {
      this.view.focus();
      this.view.dispatch({ selection: { anchor, head } });
    }
    this.count();
  }

  get text() {
    return this.view.state.doc.toString();
  }

  focus = () => this.view.focus();

  // Shows what a run put into the area, and keeps the caret where the text is the same.
  take(text) {
    const old = this.text;
    if (text === old) return;
    this.view.dispatch({ changes: difference(old, text), annotations: fromOutside.of(true) });
  }

  // Another text in its place, as one step of undo.
  replace({ text, from = text.length, to = from }) {
    this.view.dispatch({
      changes: difference(this.text, text),
      selection: { anchor: from, head: to },
      scrollIntoView: true,
      userEvent: "input",
    });
  }

  // The text goes first: the run that the choice leads to reads it.
  chooseStyle = (name) => {
    handOver(this.area);
    setTimeout(() => this.shared.chooseStyle(name));
  };

  // Python told other names, or other prompts of before.
  refresh(recent) {
    this.recent.prompts = recent;
    this.bar.showRecent(this.recent);
    this.view.dispatch({ effects: namesChanged.of(null) });
    this.count();
  }

  async count() {
    const tokenizer = await this.shared.tokenizer();
    if (!tokenizer || !this.place.isConnected) return;
    const counted = countTokens(this.text, tokenizer, this.shared.data.steps);
    this.bar.showCount(counted);
    this.view.dispatch({ effects: bordersChanged.of(counted.borders) });
  }

  destroy() {
    clearTimeout(this.#counting);
    this.stopWatching();
    this.label?.removeEventListener("click", this.focus);
    this.bar.remove();
    this.view.destroy();
    giveBack(this.area, this.place);
  }

  #state() {
    const { area, shared } = this;
    return EditorState.create({
      doc: area.value,
      extensions: [
        history(),
        suggestions(this),
        Prec.high(keymap.of(promptKeys(this))),
        keymap.of([...standardKeymap, ...historyKeymap]),
        placeholder(area.placeholder),
        promptMarks(shared),
        EditorView.lineWrapping,
        EditorState.readOnly.of(area.disabled),
        EditorView.contentAttributes.of({
          "aria-label": area.getAttribute("aria-label") ?? "",
          "aria-describedby": this.bar.id,
          spellcheck: "true",
        }),
        EditorView.updateListener.of((update) => this.#changed(update)),
        EditorView.domEventHandlers({
          blur: () => handOver(area),
          drop: (event) => event.dataTransfer.files.length > 0, // a file is the page's to take
        }),
      ],
    });
  }

  #changed(update) {
    if (!update.docChanged) return;
    const isTyped = update.transactions.some((each) => each.docChanged && !each.annotation(fromOutside));
    if (isTyped) put(this.area, this.text);
    clearTimeout(this.#counting);
    this.#counting = setTimeout(() => this.count(), COUNT_PAUSE);
  }
}

// The one place where two texts differ.
function difference(old, text) {
  const most = Math.min(old.length, text.length);
  let start = 0;
  while (start < most && old[start] === text[start]) start++;
  let end = 0;
  while (end < most - start && old.at(-1 - end) === text.at(-1 - end)) end++;
  return { from: start, to: old.length - end, insert: text.slice(start, text.length - end) };
}
