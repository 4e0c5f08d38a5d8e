// The files that this tab sends, for as long as it lives: another page of the studio doesn't stop
// them. One Web Worker does the work, and is started with the first file.
const FINAL = new Set(["sent", "stored", "failed", "unreadable", "cancelled"]);
const uploads = new Map(); // key: what the worker said last
const listeners = new Set();
const settings = { worker: "", address: "", options: {} };
let worker = null;
let count = 0;

function start() {
  worker = new Worker(new URL(settings.worker, location.origin), { type: "module" });
  worker.addEventListener("message", ({ data }) => hear(data));
  worker.postMessage({ order: "address", address: settings.address });
  window.addEventListener("beforeunload", warn);
}

function hear({ key, state, expired }) {
  if (key && uploads.has(key)) uploads.set(key, state);
  listeners.forEach((listener) => listener({ expired }));
}

// The browser asks in its own words whether to leave.
function warn(event) {
  if ([...uploads.values()].some(isActive)) event.preventDefault();
}

export const isActive = (state) => !FINAL.has(state.stage);

export const shown = () => [...uploads];

// What Python said: where the worker is, the dashboard's address, how parts are sent.
export function configure({ worker: script, address, options }) {
  Object.assign(settings, { worker: script, address, options });
  worker?.postMessage({ order: "address", address });
}

export function add(files) {
  if (!worker) start();
  for (const file of files) {
    const key = `${(count += 1)}`;
    uploads.set(key, { name: file.name, size: file.size, stage: "checking", done: 0 });
    worker.postMessage({ order: "add", key, file, options: settings.options });
  }
  hear({});
}

export function order(key, name, options) {
  worker.postMessage({ order: name, key, options });
}

export function forget(key) {
  uploads.delete(key);
  order(key, "forget");
  hear({});
}

export function listen(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
