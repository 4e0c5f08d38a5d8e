// Zoom and pan of images that lie in one box, or in equal boxes side by side, which move in step.
// A view is { scale, x, y }: scale 1 fits the box, x and y are the shift of its corner in pixels.
const FIT = Object.freeze({ scale: 1, x: 0, y: 0 });
const MOST = 32;
const WHEEL = 0.0015; // of the scale's logarithm, for each pixel that the wheel turns

// The nearest view whose image still covers what it may of its box of { width, height }.
export function clamped({ scale, x, y }, { width, height }) {
  const kept = Math.min(MOST, Math.max(1, scale));
  const within = (shift, side) => Math.min(0, Math.max(side * (1 - kept), shift));
  return { scale: kept, x: within(x, width), y: within(y, height) };
}

// The view after a zoom that keeps the point of the box where it is.
export function zoomed(view, factor, point, box) {
  const scale = Math.min(MOST, Math.max(1, view.scale * factor));
  const grown = scale / view.scale;
  const x = point.x - (point.x - view.x) * grown;
  const y = point.y - (point.y - view.y) * grown;
  return clamped({ scale, x, y }, box);
}

// The scale at which one pixel of the image is one of the screen; 1 where that would be smaller.
export function actualScale(natural, box, pixelRatio) {
  const fitted = Math.min(box.width / natural.width, box.height / natural.height);
  return Math.min(MOST, Math.max(1, 1 / (fitted * pixelRatio)));
}

function middle(points) {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

const spread = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y) || 1;

// `boxes` are elements of equal size; `layers()` gives the images in them, `natural()` their size.
export class PanZoom {
  constructor({ boxes, layers, natural, wheels, changed }) {
    Object.assign(this, { boxes, layers, natural, wheels, changed, view: FIT });
    this.pointers = new Map();
    for (const box of boxes) this.listen(box);
  }

  get box() {
    const { width, height } = this.boxes[0].getBoundingClientRect();
    return { width, height };
  }

  show(view) {
    this.view = clamped(view, this.box);
    const { scale, x, y } = this.view;
    for (const layer of this.layers()) {
      layer.style.transformOrigin = "0 0";
      layer.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
      layer.style.imageRendering = scale > 4 ? "pixelated" : "";
    }
    for (const box of this.boxes) box.classList.toggle("zoomed", scale > 1);
    this.changed(this.view);
  }

  zoom(factor, point) {
    const { width, height } = this.box;
    this.show(zoomed(this.view, factor, point ?? { x: width / 2, y: height / 2 }, this.box));
  }

  pan(x, y) { this.show({ ...this.view, x: this.view.x + x, y: this.view.y + y }); }

  fit() { this.show(FIT); }

  actual(point) {
    const wanted = actualScale(this.natural(), this.box, window.devicePixelRatio);
    this.zoom(wanted / this.view.scale, point);
  }

  listen(box) {
    const place = (event) => {
      const { left, top } = box.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    box.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !this.wheels()) return; // the page scrolls
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * WHEEL * (event.ctrlKey ? 4 : 1)), place(event));
    }, { passive: false });
    box.addEventListener("dblclick", (event) => {
      if (this.view.scale > 1) this.fit();
      else this.zoom(Math.max(2, actualScale(this.natural(), this.box, window.devicePixelRatio)),
        place(event));
    });
    box.addEventListener("pointerdown", (event) => {
      if (event.button || event.target.closest("button, input, a")) return;
      this.pointers.set(event.pointerId, place(event));
      if (this.view.scale > 1) box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", (event) => this.moved(event, place(event)));
    for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
      box.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    }
  }

  // One pointer pans, two pinch.
  moved(event, point) {
    if (!this.pointers.has(event.pointerId)) return;
    const before = [...this.pointers.values()];
    this.pointers.set(event.pointerId, point);
    const after = [...this.pointers.values()];
    const from = middle(before), to = middle(after);
    if (after.length === 2) this.zoom(spread(after) / spread(before), from);
    if (this.view.scale > 1) this.pan(to.x - from.x, to.y - from.y);
  }
}
