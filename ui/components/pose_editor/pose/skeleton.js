// The joints of a figure and how they hang together. Python sends the tables (formats.openpose),
// so that the browser has none of its own.
export class Skeleton {
  constructor(tables) {
    this.names = tables.names; // of the joints of body and hands, by part
    this.limbs = tables.limbs; // pairs of them, the one nearer to the neck first
    this.mirrored = tables.mirrored; // pairs of them: right and left
    this.wrists = tables.wrists; // the body's joint that each hand hangs on
    this.handEdges = tables.hand_edges;
    this.handPoints = tables.hand_points;
    this.handLength = tables.hand_length; // in forearms
    this.maxCoordinate = tables.max_coordinate; // how far from the origin a joint may lie
    this.parents = Object.fromEntries(this.limbs.map(([upper, lower]) => [lower, upper]));
    this.chainEnds = new Set(tables.chain_ends); // wrists and ankles: two bones hang them up
  }

  jointName(part, joint) { return this.names[part][joint]; }

  // Whether a joint is another one or hangs on it.
  isBelow(joint, other) {
    for (let up = joint; up !== undefined; up = this.parents[up]) if (up === other) return true;
    return false;
  }
}
