// Shows the image and the mask over it, at the screen's own pixels; only what changed is drawn.
const OPACITY = 0.6; // of the mask over the image

export class MaskView {
  constructor(canvas, camera) {
    Object.assign(this, { canvas, camera });
    this.dirty = null; // the box to draw at the next frame
    this.isHidden = false;
  }

  // Each image is scaled once for a view, not once a frame.
  base(pixelRatio) {
    const { camera, canvas, image } = this;
    const name = [camera.scale, camera.x, camera.y, canvas.width, canvas.height, image.src].join();
    if (this.baseName === name) return this.scaled;
    this.baseName = name;
    const { width, height } = canvas;
    this.scaled = Object.assign(document.createElement("canvas"), { width, height });
    const context = this.scaled.getContext("2d");
    this.place(context, pixelRatio);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, camera.image.width, camera.image.height);
    return this.scaled;
  }

  place(context, pixelRatio) {
    const { scale, x, y } = this.camera, zoom = scale * pixelRatio;
    context.setTransform(zoom, 0, 0, zoom, x * pixelRatio, y * pixelRatio);
    context.imageSmoothingEnabled = zoom < 4; // pixels are seen as such where they are large
  }

  // A box of the image, all of it by default, is drawn with the next frame.
  invalidate(box = [0, 0, this.camera.image.width, this.camera.image.height]) {
    const [left, top, right, bottom] = this.dirty || box;
    this.dirty = [Math.min(left, box[0]), Math.min(top, box[1]),
      Math.max(right, box[2]), Math.max(bottom, box[3])];
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      this.draw();
    });
  }

  draw() {
    const { canvas, camera, dirty } = this, pixelRatio = canvas.width / camera.view.width;
    this.dirty = null;
    if (!this.image || !this.mask || !dirty) return;
    const context = canvas.getContext("2d"), base = this.base(pixelRatio);
    const edge = ({ x, y }, round, by) =>
      [x, y].map((value) => round(value * pixelRatio) + by);
    const [left, top] = edge(camera.toView({ x: dirty[0], y: dirty[1] }), Math.floor, -1);
    const [right, bottom] = edge(camera.toView({ x: dirty[2], y: dirty[3] }), Math.ceil, 1);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    context.clearRect(left, top, right - left, bottom - top);
    context.drawImage(base, 0, 0);
    if (!this.isHidden) {
      this.place(context, pixelRatio);
      context.globalAlpha = OPACITY;
      context.drawImage(this.mask, 0, 0);
    }
    context.restore();
  }

  close() {
    cancelAnimationFrame(this.waiting);
    this.waiting = undefined;
  }
}
