// One request with its progress, and the ways in which it can go wrong.

// An answer that says no: the same request would be refused again.
export class Refused extends Error {
  constructor(status, answer) {
    super(answer.message ?? "");
    this.status = status;
    this.answer = answer;
  }
}

// No answer, or one that says to come back later.
export class Unreachable extends Error {}

const LATER = new Set([0, 408, 429, 500, 503, 504]);

function answerOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: /<Message>([^<]*)</.exec(text)?.[1] ?? "" }; // S3 answers in XML
  }
}

// XMLHttpRequest, as fetch doesn't say how much of a body has gone.
export function send(method, url, { body, headers = {}, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const request = new XMLHttpRequest();
    request.open(method, url);
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
    if (onProgress) request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    request.onloadend = () => {
      signal.removeEventListener("abort", stop);
      const answer = answerOf(request.responseText);
      if (signal.aborted) reject(signal.reason);
      else if (request.status >= 200 && request.status < 300) resolve(answer);
      else if (LATER.has(request.status)) reject(new Unreachable(answer.message ?? ""));
      else reject(new Refused(request.status, answer));
    };
    request.send(body ?? null);
  });
}

export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

const FIRST = 500; // milliseconds before the second try, doubled with each
const QUICK = 4; // tries before it is said that there is no connection
const SLOW = 5000; // milliseconds between the tries after them

// Tries until there is an answer; `onSilence` is told what is known of an outage, "" at its end.
export async function untilAnswered(attempt, signal, onSilence) {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await attempt();
      if (tries >= QUICK) onSilence(null);
      return answer;
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        if (tries >= QUICK) onSilence(null);
        throw error;
      }
      if (tries + 1 >= QUICK) onSilence(error.message);
      await pause(tries < QUICK ? FIRST * 2 ** tries : SLOW, signal);
    }
  }
}
