// The mask at the image's own size: how opaque a canvas is at a pixel says how far it is masked.
// `shown` has what is being drawn, `kept` what it was after the last step.
import { boxAround, unionBox } from "./boxes.js";
import { pixelsOf, runsOf, sameRuns } from "./runs.js";

const COLOUR = [255, 64, 96]; // what the user sees of the mask
const PAINT = `rgb(${COLOUR.join(" ")})`;
const COMPOSITES = { add: "source-over", erase: "destination-out", invert: "xor" };

function newCanvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function sizeOf([left, top, right, bottom]) {
  return [right - left, bottom - top];
}

// One box of a canvas takes the place of the same of another.
function copyBox(from, to, box) {
  const place = [box[0], box[1], ...sizeOf(box)], context = to.getContext("2d");
  context.clearRect(...place);
  context.drawImage(from, ...place, ...place);
}

export class MaskRaster {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.shown = newCanvas(width, height);
    this.kept = newCanvas(width, height);
    this.touched = null; // the box in which they may differ
  }

  get whole() { return [0, 0, this.width, this.height]; }

  // Takes a grey image over as it is: white is masked.
  load(image) {
    const canvas = newCanvas(this.width, this.height), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, this.width, this.height);
    const pixels = context.getImageData(0, 0, this.width, this.height), { data } = pixels;
    for (let at = 0; at < data.length; at += 4) {
      data[at + 3] = data[at];
      data.set(COLOUR, at);
    }
    this.shown.getContext("2d").putImageData(pixels, 0, 0);
    copyBox(this.shown, this.kept, this.whole);
  }

  // Draws with a function of the context; returns the box that may have changed.
  draw(mode, box, paint) {
    if (!box) return null;
    const context = this.shown.getContext("2d");
    context.save();
    Object.assign(context, {
      globalCompositeOperation: COMPOSITES[mode], fillStyle: PAINT, strokeStyle: PAINT,
      lineCap: "round", lineJoin: "round",
    });
    paint(context);
    context.restore();
    this.touched = unionBox(this.touched, box);
    return box;
  }

  // Lines with round ends; each has two ends and a radius.
  capsules(mode, all) {
    const boxes = all.map(({ a, b, radius }) => this.box([a, b], radius + 1));
    return this.draw(mode, boxes.reduce(unionBox, null), (context) => {
      for (const { a, b, radius } of all) {
        context.lineWidth = 2 * radius;
        context.beginPath();
        context.moveTo(a.x, a.y);
        context.lineTo(b.x, b.y);
        context.stroke();
        for (const { x, y } of [a, b]) {
          context.beginPath();
          context.arc(x, y, radius, 0, 2 * Math.PI);
          context.fill();
        }
      }
    });
  }

  polygon(mode, points) {
    return this.draw(mode, this.box(points, 1), (context) => {
      context.beginPath();
      points.forEach(({ x, y }) => context.lineTo(x, y));
      context.fill();
    });
  }

  // The whole mask at once: "add" fills, "erase" clears, "invert" inverts it.
  cover(mode) {
    return this.draw(mode, this.whole, (context) => context.fillRect(...this.whole));
  }

  box(points, margin) {
    return boxAround(points, margin, this.width, this.height);
  }

  // Ends a step. Returns what it changed; null where that is nothing.
  finish() {
    const box = this.touched;
    this.touched = null;
    if (!box) return null;
    const before = this.read(this.kept, box), after = this.read(this.shown, box);
    if (sameRuns(before, after)) return null;
    copyBox(this.shown, this.kept, box);
    return { box, before, after };
  }

  // Forgets what was drawn since the last step. Returns the box where that was.
  revert() {
    const box = this.touched;
    if (box) copyBox(this.kept, this.shown, box);
    this.touched = null;
    return box;
  }

  read(canvas, box) {
    return runsOf(canvas.getContext("2d").getImageData(box[0], box[1], ...sizeOf(box)).data);
  }

  // Puts back what a box held once.
  restore({ box, runs }) {
    const [width, height] = sizeOf(box);
    const pixels = new ImageData(pixelsOf(runs, COLOUR, width * height), width, height);
    this.shown.getContext("2d").putImageData(pixels, box[0], box[1]);
    copyBox(this.shown, this.kept, box);
    return box;
  }

  // Takes a box over from another mask of this size.
  take(other, box) {
    copyBox(other.kept, this.shown, box);
    this.touched = box;
  }

  // A box after the last step as a grey PNG, white where it is masked.
  png(box) {
    const [width, height] = sizeOf(box), canvas = newCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(this.kept, box[0], box[1], width, height, 0, 0, width, height);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "destination-over";
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    return canvas.toDataURL("image/png");
  }
}
