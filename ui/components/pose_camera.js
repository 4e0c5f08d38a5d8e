// What part of the canvas is seen. `k` is how many screen pixels a canvas pixel takes.
const MARGIN = 20, MAX_ZOOM = 12;

class Camera {
  constructor(svg, changed) {
    this.svg = svg;
    this.changed = changed;
    this.sizes = new ResizeObserver(() => this.look());
    this.sizes.observe(svg);
  }

  aim(width, height) {
    this.width = width;
    this.height = height;
    this.svg.style.aspectRatio = `${width} / ${height}`;
    this.fit();
  }

  fit() {
    this.zoomed = 1;
    this.look();
  }

  look() {
    const wide = this.svg.clientWidth, high = this.svg.clientHeight;
    if (!wide || !high || !this.width) return;
    const { width, height } = this, free = this.zoomed > 1;
    const whole = Math.min((wide - 2 * MARGIN) / width, (high - 2 * MARGIN) / height);
    this.k = whole * this.zoomed;
    this.x = free ? clamp(this.x, 0, width) : width / 2;
    this.y = free ? clamp(this.y, 0, height) : height / 2;
    this.top = this.y - high / 2 / this.k;
    const left = this.x - wide / 2 / this.k;
    this.svg.setAttribute("viewBox", `${left} ${this.top} ${wide / this.k} ${high / this.k}`);
    this.svg.style.setProperty("--pixel", 1 / this.k);
    this.changed();
  }

  // Canvas coordinates of a place on the screen.
  place({ clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    return {
      x: this.x + (clientX - box.left - box.width / 2) / this.k,
      y: this.y + (clientY - box.top - box.height / 2) / this.k,
    };
  }

  // Zoom so that what lies at the given place on the screen stays there.
  zoom(factor, screen = this.middle()) {
    const at = this.place(screen), before = this.zoomed;
    this.zoomed = clamp(before * factor, 1, MAX_ZOOM);
    this.x = at.x + ((this.x - at.x) * before) / this.zoomed;
    this.y = at.y + ((this.y - at.y) * before) / this.zoomed;
    this.look();
  }

  middle() {
    const box = this.svg.getBoundingClientRect();
    return { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
  }

  pan(dx, dy) {
    this.x -= dx / this.k;
    this.y -= dy / this.k;
    this.look();
  }

  close() {
    this.sizes.disconnect();
  }
}
