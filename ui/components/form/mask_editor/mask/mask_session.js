// One mask that Python said: its pixels, its steps, and what Python has not heard of yet.
// Python names each by `rev`. A page that is drawn anew finds its mask and steps again.
import { unionBox } from "./boxes.js";
import { MaskHistory } from "./mask_history.js";
import { MaskRaster } from "./raster.js";

const sessions = new Map(); // by rev
const SESSIONS = 4; // how many are kept

class MaskSession {
  constructor({ rev, picture, width, height }) {
    Object.assign(this, { rev, picture });
    this.raster = new MaskRaster(width, height);
    this.history = new MaskHistory();
    this.pending = []; // boxes that changed, each with the version that it was changed in
    this.version = 0;
  }

  // Ends a step. Returns the box that it changed; null for nothing.
  finish() {
    const step = this.raster.finish();
    if (!step) return null;
    this.history.record(step);
    return this.changed(step.box);
  }

  // One step back ("undo") or forth ("redo"). Returns the box that it changed; null for nothing.
  step(name) {
    const step = this.history[name]();
    return step && this.changed(this.raster.restore(step));
  }

  changed(box) {
    this.version += 1;
    this.pending.push({ version: this.version, box });
    return box;
  }

  // Python has that version.
  taken(version) {
    this.pending = this.pending.filter((one) => one.version > version);
  }

  get pendingBox() {
    return this.pending.map(({ box }) => box).reduce(unionBox, null);
  }

  // All that changed since Python's version, so that an answer that is overtaken takes nothing away.
  patch() {
    const box = this.pendingBox;
    return box && { rev: this.rev, version: this.version, box, png: this.raster.png(box) };
  }
}

// The mask that Python says, as this page has it or as it is loaded now.
export async function openSession(data, last) {
  const known = sessions.get(data.rev), session = known || new MaskSession(data);
  if (!known && data.mask) session.raster.load(await loadImage(data.mask));
  // A dashboard that was started anew has not heard of the last strokes.
  const box = last && !known && last.picture === data.picture ? last.pendingBox : null;
  if (box) {
    session.raster.take(last.raster, box);
    session.finish();
  }
  sessions.delete(data.rev);
  sessions.set(data.rev, session);
  if (sessions.size > SESSIONS) sessions.delete(sessions.keys().next().value);
  return session;
}

export async function loadImage(url) {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  return image;
}
