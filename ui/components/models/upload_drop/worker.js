// The entry of the Web Worker: reads, hashes and sends files, so that the page stays quick and a
// tab in the background is not slowed down. What it may do, its own content policy says.
import { BrowserUpload } from "./sending/upload.js";
import { Dashboard } from "./sending/dashboard.js";
import { Turn } from "./sending/turn.js";

const uploads = new Map();
const tell = (message) => postMessage(message);
const dashboard = new Dashboard(() => tell({ expired: true }));
const turns = { hashing: new Turn(), sending: new Turn() };

const ORDERS = {
  address: ({ address }) => dashboard.moveTo(address),
  add({ key, file, options }) {
    const report = (state) => tell({ key, state });
    const upload = new BrowserUpload(file, options, dashboard, turns, report);
    uploads.set(key, upload);
    upload.run();
  },
  pause: ({ key }) => uploads.get(key)?.pause(),
  resume: ({ key }) => uploads.get(key)?.resume(),
  cancel: ({ key }) => uploads.get(key)?.cancel(),
  retry: ({ key, options }) => uploads.get(key)?.retry(options),
  forget: ({ key }) => uploads.delete(key),
};

addEventListener("message", ({ data }) => ORDERS[data.order]?.(data));
