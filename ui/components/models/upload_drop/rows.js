// A row for each file that this tab sends: how far it is, and what can be done with it.
import { forget, isActive, order, shown } from "./uploads.js";

const SPEED_OVER = 5000; // milliseconds over which the speed is taken
const ROWS = new WeakMap(); // of each list: key, its row

export function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function size(bytes) {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function time(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  return `${minutes}:${String(rest).padStart(2, "0")}`;
}

class Row {
  #samples = [];
  #stage = "";
  #buttons = "";

  constructor(key, texts, kinds) {
    Object.assign(this, { key, texts, kinds });
    this.root = element("li", "upload");
    this.name = element("span", "name");
    this.doing = element("span", "doing");
    this.doing.setAttribute("role", "status");
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.actions = element("span", "actions");
    const words = element("span", "words");
    words.append(this.name, this.doing, this.bar);
    this.root.append(words, this.actions);
  }

  show(state) {
    this.root.dataset.stage = state.isPaused ? "paused" : state.stage;
    this.name.textContent = state.name;
    this.bar.value = state.size ? state.done / state.size : 0;
    this.bar.hidden = !isActive(state);
    this.bar.setAttribute("aria-label", state.name);
    this.doing.textContent = this.#words(state);
    this.#offer(state);
  }

  #words(state) {
    if (state.stage === "failed") return state.message;
    if (!isActive(state) || state.stage === "checking") return this.texts[state.stage];
    const values = { done: size(state.done), size: size(state.size), skipped: state.skipped };
    if (state.isPaused) return fill(this.texts.paused, values);
    if (typeof state.silence === "string") {
      return [this.texts.silent, state.silence].filter(Boolean).join(" ");
    }
    const words = [fill(this.texts[state.stage], values), ...this.#speed(state)];
    if (state.skipped) words.push(fill(this.texts.skipped, values));
    return words.join(" · ");
  }

  #speed({ stage, done, size: whole }) {
    const now = performance.now();
    if (stage !== this.#stage) this.#samples = [];
    this.#stage = stage;
    this.#samples.push([now, done]);
    this.#samples = this.#samples.filter(([at]) => now - at < SPEED_OVER);
    const [[from, before]] = this.#samples;
    const speed = ((done - before) / (now - from)) * 1000;
    if (!(speed > 0) || now - from < 1000) return [];
    const left = time((whole - done) / speed);
    return [`${(speed / 1e6).toFixed(1)} MB/s`, fill(this.texts.left, { left })];
  }

  #offer(state) {
    const wanted = offers(state);
    const names = wanted.join();
    if (names === this.#buttons) return;
    this.#buttons = names;
    this.actions.replaceChildren(...wanted.map((name) => this.#action(name, state)));
  }

  #action(name, { name: file }) {
    if (name === "kind") return this.#kindPicker();
    const button = element("button", name, this.texts[`do_${name}`]);
    button.type = "button";
    button.setAttribute("aria-label", fill(this.texts.label, { action: button.textContent, file }));
    button.onclick = () => DOES[name](this.key);
    return button;
  }

  #kindPicker() {
    const picker = element("select", "kind");
    picker.setAttribute("aria-label", this.texts.do_kind);
    picker.append(new Option(this.texts.do_kind, ""), ...this.kinds.map((kind) => new Option(kind.label, kind.value)));
    picker.onchange = () => order(this.key, "retry", { kind: picker.value });
    return picker;
  }
}

const DOES = {
  pause: (key) => order(key, "pause"),
  resume: (key) => order(key, "resume"),
  cancel(key) {
    order(key, "cancel");
    forget(key);
  },
  replace: (key) => order(key, "retry", { replace: "true" }),
  retry: (key) => order(key, "retry", {}),
  close: forget,
};

function offers(state) {
  if (isActive(state)) return [state.isPaused ? "resume" : "pause", "cancel"];
  if (state.stage !== "failed") return ["close"];
  return [state.ask || "retry", "close"];
}

export function showRows(list, texts, kinds) {
  const rows = ROWS.get(list) ?? new Map();
  ROWS.set(list, rows);
  const now = shown();
  const keys = new Set(now.map(([key]) => key));
  rows.forEach((row, key) => keys.has(key) || (row.root.remove(), rows.delete(key)));
  for (const [key, state] of now) {
    if (!rows.has(key)) {
      rows.set(key, new Row(key, texts, kinds));
      list.append(rows.get(key).root);
    }
    rows.get(key).show(state);
  }
}
