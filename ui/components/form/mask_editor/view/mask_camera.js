// What part of the image is seen: a scale in CSS pixels per image pixel, and where the image's
// corner lies in the view.
const MAX_SCALE = 16;

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

export class MaskCamera {
  constructor(width, height) {
    this.image = { width, height };
    this.view = { width: 1, height: 1 };
    this.fit();
  }

  get fitScale() {
    const { image, view } = this;
    return Math.min(view.width / image.width, view.height / image.height);
  }

  // The view has another size; what was fitted to it still is.
  resize(width, height) {
    const isFitted = this.scale <= this.fitScale;
    this.view = { width, height };
    if (isFitted) this.fit();
    else this.moveTo(this.scale, this.x, this.y);
  }

  fit() {
    this.moveTo(this.fitScale, 0, 0);
  }

  moveTo(scale, x, y) {
    const { image, view, fitScale } = this;
    this.scale = clamp(scale, fitScale, Math.max(MAX_SCALE, fitScale));
    const place = (at, side) => {
      const room = view[side] - image[side] * this.scale;
      return room >= 0 ? room / 2 : clamp(at, room, 0);
    };
    this.x = place(x, "width");
    this.y = place(y, "height");
  }

  pan(dx, dy) {
    this.moveTo(this.scale, this.x + dx, this.y + dy);
  }

  // Zooms about a place of the view, by default its middle.
  zoom(factor, at = { x: this.view.width / 2, y: this.view.height / 2 }) {
    const { x, y } = this.toImage(at), limit = Math.max(MAX_SCALE, this.fitScale);
    const scale = clamp(this.scale * factor, this.fitScale, limit);
    this.moveTo(scale, at.x - x * scale, at.y - y * scale);
  }

  // A place of the view in image pixels.
  toImage({ x, y }) {
    return { x: (x - this.x) / this.scale, y: (y - this.y) / this.scale };
  }

  toView({ x, y }) {
    return { x: x * this.scale + this.x, y: y * this.scale + this.y };
  }
}
