// The mask editor: holds the mask of an image, and hands to Python what each step changed.
// Python passes `rev`; a mask is loaded only when it changes, and `taken` is what it has heard of.
import { fillIn } from "../../pose_editor/view/texts.js";
import { MaskKeyboard } from "./input/mask_keyboard.js";
import { MaskPointer } from "./input/mask_pointer.js";
import { loadImage, openSession } from "./mask/mask_session.js";
import { MaskCamera } from "./view/mask_camera.js";
import { buildMaskEditor, nameFigures } from "./view/mask_layout.js";
import { MaskView } from "./view/mask_view.js";

const ZOOM = 1.4;
const UNITS = 420; // a brush's width is kept in so many parts of the image's longest side
const WIDEST = UNITS / 2;
const WHOLE = { fill: "add", clear: "erase", invert: "invert" };

export class MaskEditor {
  constructor(root, data) {
    const { texts } = data;
    this.texts = texts;
    this.view = buildMaskEditor(root, texts);
    this.tool = "brush";
    this.camera = new MaskCamera(data.width, data.height);
    this.screen = new MaskView(this.view.canvas, this.camera);
    this.pointer = new MaskPointer(this);
    this.keyboard = new MaskKeyboard(this);
    root.addEventListener("click", ({ target }) => this.click(target));
    this.view.size.addEventListener("input", () => this.slide());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.view.stage);
    this.press("brush", true);
  }

  get raster() { return this.session.raster; }
  get mode() { return this.isErasing ? "erase" : "add"; }
  get hasFocus() { return this.view.root.contains(this.view.root.getRootNode().activeElement); }
  get longest() { return Math.max(this.data.width, this.data.height); }

  // ---- what Python says

  apply(data) {
    const isFirst = !this.data;
    this.data = data;
    this.view.stage.style.setProperty("--canvas", `${data.width} / ${data.height}`);
    this.view.canvas.setAttribute("aria-label", fillIn(this.texts.canvas, data));
    if (isFirst) this.setBrush(data.brush * this.longest / UNITS);
    nameFigures(this.view, data.figures.length, this.texts);
    if (this.rev === data.rev) this.session?.taken(data.taken);
    else this.load(data);
    this.showFrame();
  }

  async load(data) {
    this.rev = data.rev;
    this.pointer.stroke?.cancel();
    this.pointer.stroke = null;
    const [session, image] = await Promise.all([
      openSession(data, this.session), loadImage(data.image)]);
    if (this.rev !== data.rev) return; // another one came meanwhile
    this.session = session;
    session.taken(data.taken);
    Object.assign(this.camera.image, { width: data.width, height: data.height });
    Object.assign(this.screen, { image, mask: session.raster.shown });
    this.camera.fit();
    this.resize();
    this.update();
    this.view.root.dataset.rev = data.rev;
    if (session.pending.length) this.commit(); // the page went before Python heard of it
  }

  // ---- what is seen

  resize() {
    const { stage, canvas } = this.view, { clientWidth: width, clientHeight: height } = stage;
    if (!width || !height) return;
    const [wide, high] = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (canvas.width !== wide || canvas.height !== high) {
      Object.assign(canvas, { width: wide, height: high });
    }
    this.moveView((camera) => camera.resize(width, height));
  }

  moveView(move) {
    move(this.camera);
    this.screen.invalidate();
    this.showFrame();
    this.showRing(this.ringAt);
    const percent = Math.round(this.camera.scale * 100);
    this.view.zoom.textContent = fillIn(this.texts.zoom, { percent });
  }

  show(box) {
    if (box) this.screen.invalidate(box);
  }

  // The part of the image that "only masked" generates.
  showFrame() {
    const { frame } = this.view, box = this.data?.frame;
    frame.toggleAttribute("hidden", !box);
    if (!box) return;
    const { x, y } = this.camera.toView({ x: box[0], y: box[1] }), { scale } = this.camera;
    const sides = { x, y, width: (box[2] - box[0]) * scale, height: (box[3] - box[1]) * scale };
    Object.entries(sides).forEach(([name, value]) => frame.setAttribute(name, value));
  }

  showShape(points) {
    const all = points.map((point) => this.camera.toView(point));
    this.view.shape.setAttribute("d", all.length ? `M${all.map(({ x, y }) => `${x} ${y}`).join("L")}Z` : "");
  }

  // The brush's outline at a place of the view; null hides it.
  showRing(at) {
    const { ring } = this.view, size = this.brush * this.camera.scale;
    this.ringAt = at;
    ring.hidden = !at || this.tool !== "brush" || this.pointer.isPanning;
    if (ring.hidden) return;
    ring.style.cssText = `width: ${size}px; height: ${size}px;
      transform: translate(${at.x - size / 2}px, ${at.y - size / 2}px)`;
  }

  update() {
    const { tool } = this.view, history = this.session?.history;
    tool("undo").disabled = !history?.canUndo;
    tool("redo").disabled = !history?.canRedo;
  }

  // ---- tools

  click(target) {
    const { tool } = target.closest("[data-tool]")?.dataset || {};
    const { part } = target.closest("[data-part]")?.dataset || {};
    if (tool) this.use(tool);
    if (part) this.maskPart(part);
  }

  use(tool) {
    const { camera, view } = this;
    if (["brush", "rectangle", "lasso"].includes(tool)) this.choose(tool);
    else if (tool === "erase") this.press("erase", this.isErasing = !this.isErasing);
    else if (tool === "help") this.press("help", !(view.help.hidden = !view.help.hidden), "expanded");
    else if (tool === "hide") this.hide(!this.screen.isHidden);
    else if (tool === "fit") this.moveView(() => camera.fit());
    else if (tool === "in") this.moveView(() => camera.zoom(ZOOM));
    else if (tool === "out") this.moveView(() => camera.zoom(1 / ZOOM));
    else if (this.session && !this.pointer.isBusy) this.change(tool);
  }

  change(tool) {
    if (tool in WHOLE) {
      this.show(this.raster.cover(WHOLE[tool]));
      this.finish(tool);
      return;
    }
    const box = this.session.step(tool);
    if (!box) return;
    this.show(box);
    this.tell(tool);
  }

  choose(tool) {
    for (const name of ["brush", "rectangle", "lasso"]) this.press(name, name === tool);
    this.tool = tool;
    this.showRing(this.ringAt);
  }

  press(tool, isOn, state = "pressed") {
    this.view.tool(tool).setAttribute(`aria-${state}`, isOn);
  }

  hide(isHidden) {
    this.screen.isHidden = isHidden;
    this.press("hide", isHidden);
    this.screen.invalidate();
  }

  // Masks a part of the chosen figures, or erases it.
  maskPart(part) {
    if (!this.session || this.pointer.isBusy) return;
    const who = this.view.who.selectedIndex, { figures } = this.data;
    const chosen = who > 0 ? [figures[who - 1]] : figures;
    const lines = chosen.flatMap((figure) => figure[part]);
    if (!lines.length) { this.say("missing"); return; }
    this.show(this.raster.capsules(this.mode, lines));
    this.finish(this.mode === "erase" ? "erased" : "painted");
  }

  // ---- the brush

  // Its width in image pixels.
  setBrush(width) {
    const widest = WIDEST * this.longest / UNITS;
    this.brush = Math.min(widest, Math.max(1, width));
    this.view.size.value = 100 * Math.log(this.brush) / Math.log(widest);
    this.view.pixels.textContent = fillIn(this.texts.pixels, { size: Math.round(this.brush) });
    this.view.size.setAttribute("aria-valuetext", this.view.pixels.textContent);
    this.showRing(this.ringAt);
  }

  slide() {
    const widest = WIDEST * this.longest / UNITS;
    this.setBrush(Math.exp(this.view.size.value / 100 * Math.log(widest)));
  }

  moveCursor([dx, dy], isFar) {
    const { view: { width, height }, scale } = this.camera;
    const from = this.ringAt || { x: width / 2, y: height / 2 };
    const by = Math.max(1, this.brush * scale * (isFar ? 2 : 0.25));
    this.showRing({
      x: Math.min(width, Math.max(0, from.x + dx * by)),
      y: Math.min(height, Math.max(0, from.y + dy * by)),
    });
  }

  dab() {
    if (!this.session || !this.ringAt || this.pointer.isBusy) return;
    const at = this.camera.toImage(this.ringAt);
    this.show(this.raster.capsules(this.mode, [{ a: at, b: at, radius: this.brush / 2 }]));
    this.finish(this.mode === "erase" ? "erased" : "painted");
  }

  // ---- steps

  // Ends a step and hands it to Python.
  finish(words) {
    const box = this.session.finish();
    if (box) this.tell(words);
  }

  tell(words) {
    this.commit();
    this.update();
    this.say(words);
  }

  commit() {
    const brush = Math.max(1, Math.round(this.brush * UNITS / this.longest));
    this.send({ ...this.session.patch(), brush });
  }

  say(name) {
    this.view.spoken.textContent = this.texts.said[name];
  }

  close() {
    if (this.pointer.stroke) this.session.finish(); // its page will hand it over when it is back
    this.observer.disconnect();
    this.screen.close();
  }
}
