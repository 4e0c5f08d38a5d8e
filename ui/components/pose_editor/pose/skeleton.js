// The joints of a figure and how they hang together. Python sends the tables (formats.openpose),
// so that the browser has none of its own.
export class Skeleton {
  constructor(tables) {
    this.names = tables.names; // of the body's joints
    this.limbs = tables.limbs; // pairs of them, the one nearer to the neck first
    this.mirrored = tables.mirrored; // pairs of them: right and left
    this.wrists = tables.wrists; // the body's joint that each hand hangs on
    this.fingers = tables.fingers;
    this.handEdges = tables.hand_edges;
    this.handPoints = tables.hand_points;
    this.handLength = tables.hand_length; // in forearms
    this.maxCoordinate = tables.max_coordinate; // how far from the origin a joint may lie
    this.parents = Object.fromEntries(this.limbs.map(([upper, lower]) => [lower, upper]));
    this.chainEnds = new Set(tables.chain_ends); // wrists and ankles: two bones hang them up
  }

  jointName(part, joint) {
    if (part === "body") return this.names[joint];
    if (!joint) return `${partName(part)}, wrist`;
    const each = (this.handPoints - 1) / this.fingers.length;
    const finger = this.fingers[Math.floor((joint - 1) / each)];
    return `${partName(part)}, ${finger} ${((joint - 1) % each) + 1}`;
  }

  // Whether a joint is another one or hangs on it.
  isBelow(joint, other) {
    for (let up = joint; up !== undefined; up = this.parents[up]) if (up === other) return true;
    return false;
  }
}

export const partName = (part) => part.replace("_", " ");
