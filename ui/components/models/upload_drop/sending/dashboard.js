// The dashboard's routes of uploads, below an address that is signed for whoever opened the page.
import { Refused, send, untilAnswered } from "./requests.js";

export class Dashboard {
  #address = "";
  #moved = null;
  #onExpired;

  constructor(onExpired) {
    this.#onExpired = onExpired;
    this.#expectMove();
  }

  #expectMove() {
    this.#moved = {};
    this.#moved.promise = new Promise((resolve) => (this.#moved.resolve = resolve));
  }

  // Each answer brings the address that is good from now on, and the page brings one with each run.
  moveTo(address) {
    if (!address || address === this.#address) return;
    this.#address = address;
    this.#moved.resolve();
    this.#expectMove();
  }

  // `path` is below the address. Raises Refused, or the signal's reason.
  async ask(method, path, options) {
    const answer = await untilAnswered(
      () => this.#askOnce(method, path, options),
      options.signal,
      options.onSilence,
    );
    this.moveTo(answer.address);
    return answer;
  }

  async #askOnce(method, path, options) {
    const { address: used, promise: moved } = { address: this.#address, ...this.#moved };
    try {
      return await send(method, used + path, options);
    } catch (error) {
      if (!(error instanceof Refused && error.answer.expired)) throw error;
      if (used === this.#address) {
        this.#onExpired();
        await Promise.race([moved, aborted(options.signal)]);
      }
      return this.#askOnce(method, path, options);
    }
  }
}

function aborted(signal) {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
