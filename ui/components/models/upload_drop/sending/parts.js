// Sends the missing parts of one file, three at a time; each is hashed right before it leaves, and
// whoever takes it compares.
import { partChecksum } from "./hashing.js";
import { Refused, pause, send, untilAnswered } from "./requests.js";

const LANES = 3;
const TRIES = 5; // of a part that arrives damaged or is refused: once, and four times again
const WAIT = 500; // milliseconds before the second, doubled with each
const DAMAGED = 422;
const SIGN_OF_LIFE = 20000; // milliseconds; on a slow line a part takes longer
const CHECKSUM = "x-amz-checksum-sha256";

export class Parts {
  #going = new Map(); // number: bytes of it that have left
  #report;
  #request;

  // `request` has the dashboard, the upload's path, the signal, and whether S3 is asked directly.
  constructor(file, partSize, missing, request, report) {
    this.file = file;
    this.partSize = partSize;
    this.missing = [...missing];
    this.count = Math.max(1, Math.ceil(file.size / partSize));
    this.stored = file.size - this.missing.reduce((sum, number) => sum + this.#size(number), 0);
    this.#request = request;
    this.#report = report;
  }

  get done() {
    return [...this.#going.values()].reduce((sum, bytes) => sum + bytes, this.stored);
  }

  get sent() {
    return this.count - this.missing.length;
  }

  // Resolves once all are there; what is under way when one fails is given up.
  async send(signal) {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const todo = this.missing.values();
    const lane = async () => {
      for (const number of todo) await this.#sendOne(number, both);
    };
    const lanes = Array.from({ length: LANES }, lane);
    const signs = setInterval(() => this.#sign({}, both).catch(() => null), SIGN_OF_LIFE);
    try {
      await Promise.all(lanes);
    } catch (error) {
      stop.abort(error);
      await Promise.allSettled(lanes);
      throw error;
    } finally {
      clearInterval(signs);
      this.#going.clear();
    }
  }

  #size(number) {
    return Math.min(this.partSize, this.file.size - (number - 1) * this.partSize);
  }

  async #sendOne(number, signal) {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#try(number, signal);
        break;
      } catch (error) {
        this.#note(number, 0);
        if (!mayHelp(error) || tries === TRIES) throw error;
        await pause(WAIT * 2 ** (tries - 1), signal);
      }
    }
    this.#going.delete(number);
    this.missing = this.missing.filter((other) => other !== number);
    this.stored += this.#size(number);
    this.#report(true);
  }

  async #try(number, signal) {
    const start = (number - 1) * this.partSize;
    const part = this.file.slice(start, start + this.#size(number));
    const checksum = await partChecksum(await part.arrayBuffer());
    const options = {
      body: part, // from the disk once more: sixteen megabytes less in memory for each lane
      headers: { [CHECKSUM]: checksum, "content-type": "application/octet-stream" },
      signal,
      onProgress: (loaded) => this.#note(number, loaded),
      onSilence: this.#request.onSilence,
    };
    const { dashboard, path, direct, onSilence } = this.#request;
    if (!direct) return dashboard.ask("PUT", `${path}/parts/${number}`, options);
    const toS3 = async () => {
      const { urls } = await this.#sign({ [number]: checksum }, signal);
      return send("PUT", urls[number], options).catch((error) => {
        throw error instanceof Refused ? new FromS3(error) : error;
      });
    };
    return untilAnswered(toS3, signal, onSilence);
  }

  // Addresses where S3 takes parts with these checksums, and no other bytes; it also tells the
  // dashboard how far this browser is.
  async #sign(checksums, signal) {
    const { dashboard, path, onSilence } = this.#request;
    const body = JSON.stringify({ checksums, done: this.done });
    return dashboard.ask("POST", `${path}/parts`, { body, signal, onSilence });
  }

  #note(number, bytes) {
    this.#going.set(number, Math.min(bytes, this.#size(number)));
    this.#report(false);
  }
}

// What S3 itself refused, such as bytes of another checksum or an address that was too old.
class FromS3 extends Error {
  constructor(refused) {
    super(refused.message);
  }
}

const mayHelp = (error) =>
  error instanceof FromS3 || (error instanceof Refused && error.status === DAMAGED);
