// The prompts that this person generated with, the newest first, and which of them is shown.
export class RecentPrompts {
  #shown = -1; // -1 is what was typed
  #typed = "";

  constructor(prompts) {
    this.prompts = prompts;
  }

  // The text so many steps further back, or null where there is none.
  step(text, step) {
    if (text !== (this.prompts[this.#shown] ?? this.#typed)) this.#shown = -1;
    if (this.#shown === -1) this.#typed = text;
    const others = this.prompts;
    let next = this.#shown + step;
    if (step > 0 && others[next] === text) next += step; // what is shown already is no step
    if (next < -1 || next >= others.length) return null;
    this.#shown = next;
    return next === -1 ? this.#typed : others[next];
  }
}
