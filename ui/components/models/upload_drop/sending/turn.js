// One at a time: the others wait in the order in which they came.
export class Turn {
  #last = Promise.resolve();

  async take(work) {
    const before = this.#last;
    let done;
    this.#last = new Promise((resolve) => (done = resolve));
    await before;
    try {
      return await work();
    } finally {
      done();
    }
  }
}
