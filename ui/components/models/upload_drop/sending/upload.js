// One file on its way from this browser: its header is checked, it is hashed, its parts are sent.
import { fileHash } from "./hashing.js";
import { headerBytes } from "./header.js";
import { Parts } from "./parts.js";
import { Refused } from "./requests.js";

const LOOK = 2000; // milliseconds between two looks at an upload that was paused elsewhere
const SHOW = 150; // milliseconds between two reports of how far it is
const IS_PAUSED = "paused";
const IS_AWAY = "away"; // the dashboard has not heard of this browser for a while
const GOES_ON = new Set(["waiting", "uploading", IS_AWAY]);

class Cancelled extends Error {
  isFinal = true;
}
class Paused extends Error {}
class Unreadable extends Error {}

export class BrowserUpload {
  #stop = new AbortController(); // of what is under way; another one after each pause
  #held = null; // while it is paused
  #told = 0;
  #sha256 = "";
  #id = "";

  // `options`: kind and replace as the person chose, direct, headerBytes.
  constructor(file, options, dashboard, turns, report) {
    this.file = file;
    this.options = options;
    this.dashboard = dashboard;
    this.turns = turns;
    this.report = report;
    this.state = { name: file.name, size: file.size, stage: "checking", done: 0 };
  }

  async run() {
    try {
      await this.#untilDone();
    } catch (error) {
      this.#end(error);
    }
  }

  pause() {
    if (this.#held) return;
    this.#hold(this.#id ? this.#order("pause") : Promise.resolve(false));
  }

  async resume() {
    if (this.#id) await this.#order("resume");
    this.#goOn();
  }

  cancel() {
    if (this.#id) this.#order("cancel");
    const stop = new AbortController();
    for (const each of [this.#stop, stop]) each.abort(new Cancelled());
    this.#stop = stop;
    this.#held?.end();
    this.#show({ stage: "cancelled" });
  }

  // After it failed, with what the person chose since.
  retry(options) {
    this.options = { ...this.options, ...options };
    this.#stop = new AbortController();
    this.#id = "";
    this.#show({ stage: "checking", message: "", ask: "" });
    this.run();
  }

  // `isKnown` resolves to whether the dashboard knows of the pause.
  #hold(isKnown) {
    const held = { isKnown };
    held.ended = new Promise((resolve) => (held.end = resolve));
    this.#held = held;
    this.#show({ isPaused: true, silence: null });
    this.#stop.abort(new Paused());
  }

  #goOn() {
    if (!this.#held) return;
    this.#stop = new AbortController();
    this.#held.end();
    this.#held = null;
    this.#show({ isPaused: false });
  }

  async #untilDone() {
    await this.#step(() => this.#check());
    await this.#step(() => this.turns.hashing.take(() => this.#hash()));
    const stage = await this.turns.sending.take(() => this.#untilSent());
    this.#show({ stage, done: this.file.size });
  }

  // Where the dashboard gave this browser up meanwhile, it says anew which parts are missing.
  async #untilSent() {
    for (;;) {
      const plan = await this.#step(() => this.#begin());
      if (plan.stored) return "stored";
      try {
        await this.#sendParts(plan);
        return "sent";
      } catch (error) {
        if (!(error instanceof Refused && error.answer.stage === IS_AWAY)) throw error;
      }
    }
  }

  async #sendParts(plan) {
    const parts = this.#partsOf(plan);
    await this.#step(() => this.#send(parts));
    await this.#step(() => this.#ask("POST", `/${this.#id}/finish`));
  }

  // Again and again where a pause interrupts it.
  async #step(work) {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Refused && error.answer.stage === IS_PAUSED) {
          if (!this.#held) this.#hold(Promise.resolve(true));
        } else if (!(error instanceof Paused)) throw error;
        await this.#whilePaused();
      }
    }
  }

  // It may be resumed here, or on another page or dashboard.
  async #whilePaused() {
    const held = this.#held;
    while (held && held === this.#held && !this.#stop.signal.reason?.isFinal) {
      await Promise.race([held.ended, new Promise((resolve) => setTimeout(resolve, LOOK))]);
      const looks = held === this.#held && (await held.isKnown);
      if (looks && (await this.#goesOnElsewhere())) this.#goOn();
    }
    this.#stop.signal.throwIfAborted();
  }

  async #goesOnElsewhere() {
    const signal = new AbortController().signal;
    const answer = await this.dashboard.ask("GET", `/${this.#id}`, this.#quiet(signal));
    if (!GOES_ON.has(answer.stage) && answer.stage !== IS_PAUSED) throw new Refused(409, answer);
    return GOES_ON.has(answer.stage);
  }

  async #check() {
    this.#show({ stage: "checking" });
    const body = await this.#read(headerBytes(this.file, this.options.headerBytes));
    await this.#ask("POST", `/check?${this.#query()}`, { body });
  }

  async #hash() {
    this.#stop.signal.throwIfAborted();
    this.#show({ stage: "hashing", done: 0 });
    const between = (done) => {
      this.#stop.signal.throwIfAborted();
      this.#showNowAndThen({ done });
    };
    this.#sha256 ||= await this.#read(fileHash(this.file, between));
  }

  async #begin() {
    const body = await this.#read(headerBytes(this.file, this.options.headerBytes));
    const query = this.#query({ sha256: this.#sha256 });
    const plan = await this.#ask("POST", `/begin?${query}`, { body });
    this.#id = plan.id;
    return plan;
  }

  #partsOf(plan) {
    const request = {
      dashboard: this.dashboard,
      path: `/${this.#id}`,
      direct: this.options.direct,
      onSilence: this.#onSilence,
    };
    const show = (isWhole) => {
      const change = { done: parts.done, sent: parts.sent };
      if (isWhole) this.#show(change);
      else this.#showNowAndThen(change);
    };
    const parts = new Parts(this.file, plan.part_size, plan.missing, request, show);
    const skipped = parts.sent;
    this.#show({ id: this.#id, parts: parts.count, sent: skipped, skipped });
    return parts;
  }

  async #send(parts) {
    this.#stop.signal.throwIfAborted();
    this.#show({ stage: "sending", done: parts.done });
    await this.#read(parts.send(this.#stop.signal));
    this.#show({ done: parts.done, sent: parts.sent });
  }

  #query(more = {}) {
    const { name, size, lastModified: modified } = this.file;
    const { kind, replace } = this.options;
    return new URLSearchParams({ name, size, modified, kind, replace, ...more });
  }

  #ask(method, path, more = {}) {
    const signal = this.#stop.signal;
    return this.dashboard.ask(method, path, { ...more, signal, onSilence: this.#onSilence });
  }

  #quiet = (signal) => ({ signal, onSilence: this.#onSilence });

  #onSilence = (silence) => this.#show({ silence });

  // The record on the dashboard follows; where it can't, this browser's own state counts.
  async #order(order) {
    const options = this.#quiet(AbortSignal.timeout(LOOK));
    const asked = this.dashboard.ask("POST", `/${this.#id}/${order}`, options);
    return asked.then(
      () => true,
      () => false,
    );
  }

  // A file that was moved or changed since it was dropped can't be read any more.
  async #read(promise) {
    try {
      return await promise;
    } catch (error) {
      throw error instanceof DOMException && error.name.startsWith("Not") ? new Unreadable() : error;
    }
  }

  #end(error) {
    if (error instanceof Cancelled) return;
    const answer = error instanceof Refused ? error.answer : {};
    const stage = error instanceof Unreadable ? "unreadable" : "failed";
    this.#show({ stage, message: error.message, ask: answer.ask ?? "" });
  }

  #show(change) {
    this.#told = Date.now();
    Object.assign(this.state, change);
    this.report({ ...this.state });
  }

  #showNowAndThen(change) {
    if (Date.now() - this.#told > SHOW) this.#show(change);
  }
}
