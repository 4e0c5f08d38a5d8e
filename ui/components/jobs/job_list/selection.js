// Keeps which jobs of a list are selected. It outlives a page of the list, and ends with its token.
export class Selection {
  constructor() {
    this.token = null;
    this.ids = new Set();
    this.anchor = null;
  }

  // Another token is for another list, or for one whose selection was used.
  begin(token) {
    if (this.token === token) return;
    this.token = token;
    this.ids.clear();
    this.anchor = null;
  }

  // With `isRange` all of `shown` between the last one that was toggled and this one follow it.
  toggle(id, shown, isRange) {
    const is = !this.ids.has(id);
    const from = shown.indexOf(this.anchor);
    const to = shown.indexOf(id);
    const range = isRange && from >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const each of range) this.#put(each, is);
    this.anchor = id;
  }

  toggleAll(shown) {
    const is = !this.hasAll(shown);
    for (const id of shown) this.#put(id, is);
  }

  hasAll(shown) {
    return shown.length > 0 && shown.every((id) => this.ids.has(id));
  }

  clear() {
    this.ids.clear();
    this.anchor = null;
  }

  get state() {
    return { token: this.token, ids: [...this.ids] };
  }

  #put(id, is) {
    if (is) this.ids.add(id);
    else this.ids.delete(id);
  }
}
