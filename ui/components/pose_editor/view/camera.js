// Which part of the canvas is seen, and where places on the screen lie on it.
import { clamp } from "../pose/geometry.js";

const MARGIN = 20; // screen pixels around the whole canvas
const MAX_ZOOM = 12;

// `scale` is screen pixels for each pixel of the canvas; (x, y) on the canvas is in the middle.
export class Camera {
  constructor(svg, onChange) {
    this.svg = svg;
    this.onChange = onChange;
    this.resizes = new ResizeObserver(() => this.update());
    this.resizes.observe(svg);
  }

  showCanvas(width, height) {
    this.width = width;
    this.height = height;
    this.svg.style.aspectRatio = `${width} / ${height}`;
    this.fit();
  }

  fit() {
    this.zoomFactor = 1;
    this.update();
  }

  update() {
    const wide = this.svg.clientWidth, high = this.svg.clientHeight;
    if (!wide || !high || !this.width) return;
    const { width, height } = this, isZoomed = this.zoomFactor > 1;
    const whole = Math.min((wide - 2 * MARGIN) / width, (high - 2 * MARGIN) / height);
    this.scale = whole * this.zoomFactor;
    this.x = isZoomed ? clamp(this.x, 0, width) : width / 2;
    this.y = isZoomed ? clamp(this.y, 0, height) : height / 2;
    this.top = this.y - high / 2 / this.scale;
    const left = this.x - wide / 2 / this.scale, size = `${wide / this.scale} ${high / this.scale}`;
    this.svg.setAttribute("viewBox", `${left} ${this.top} ${size}`);
    this.svg.style.setProperty("--pixel", 1 / this.scale);
    this.onChange();
  }

  // Canvas coordinates of a place on the screen.
  place({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    return {
      x: this.x + (clientX - box.left - box.width / 2) / this.scale,
      y: this.y + (clientY - box.top - box.height / 2) / this.scale,
    };
  }

  // Zoom so that what lies at the given place on the screen stays there.
  zoom(factor, screen = this.middle()) {
    const at = this.place(screen), before = this.zoomFactor;
    this.zoomFactor = clamp(before * factor, 1, MAX_ZOOM);
    this.x = at.x + ((this.x - at.x) * before) / this.zoomFactor;
    this.y = at.y + ((this.y - at.y) * before) / this.zoomFactor;
    this.update();
  }

  middle() {
    const box = this.svg.getBoundingClientRect();
    return { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.update();
  }

  close() {
    this.resizes.disconnect();
  }
}
