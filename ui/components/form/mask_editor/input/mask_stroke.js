// One gesture with a tool: a line of the brush, a rectangle, or a lasso around an area.
const LIGHT = 0.3; // how wide a pen's line is that hardly touches, in widths of the brush

function corners(a, b) {
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
}

export class MaskStroke {
  constructor(editor, mode) {
    Object.assign(this, { editor, mode, tool: editor.tool, points: [] });
  }

  begin(at, event) {
    const { editor } = this, point = editor.camera.toImage(at);
    const from = event.shiftKey && this.tool === "brush" && editor.lastPoint;
    this.points = [from || point];
    this.draw(point, event);
  }

  go(at, event) {
    this.draw(this.editor.camera.toImage(at), event);
  }

  draw(point, event) {
    const { editor, points } = this;
    if (this.tool === "brush") {
      const isPen = event.pointerType === "pen";
      const radius = editor.brush / 2 * (isPen ? LIGHT + (1 - LIGHT) * event.pressure : 1);
      const line = { a: points.at(-1), b: point, radius: Math.max(0.5, radius) };
      editor.show(editor.raster.capsules(this.mode, [line]));
    }
    if (this.tool === "rectangle") this.points = [points[0], point];
    else points.push(point);
    if (this.tool !== "brush") editor.showShape(this.outline);
  }

  get outline() {
    return this.tool === "rectangle" ? corners(this.points[0], this.points.at(-1)) : this.points;
  }

  end() {
    const { editor } = this;
    editor.lastPoint = this.points.at(-1);
    editor.showShape([]);
    if (this.tool !== "brush") editor.show(editor.raster.polygon(this.mode, this.outline));
    editor.finish(this.mode === "erase" ? "erased" : "painted");
  }

  cancel() {
    this.editor.showShape([]);
    this.editor.show(this.editor.raster.revert());
  }
}
