// Undo and redo: what a box of the mask held before and after each step.
const STEPS = 100;

export class MaskHistory {
  constructor() {
    this.done = [];
    this.undone = [];
  }

  get canUndo() { return this.done.length > 0; }
  get canRedo() { return this.undone.length > 0; }

  record(step) {
    this.done.push(step);
    if (this.done.length > STEPS) this.done.shift();
    this.undone = [];
  }

  // The box and what it holds now; null where there is no step.
  undo() {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push(step);
    return { box: step.box, runs: step.before };
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push(step);
    return { box: step.box, runs: step.after };
  }
}
