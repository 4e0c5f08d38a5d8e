// The pose editor: drags, keys, history, zoom, and what is handed to Python, once a gesture.
// Python passes `rev`; people are loaded only when it changes, and never during a drag.
const EDITORS = new WeakMap(); // the browser calls this module again on every rerun
const KEPT = new Map(); // by rev: a redrawn page finds its figures and its history again
const MARGIN = 20, MAX_ZOOM = 12, HISTORY = 100;
const SLACK = { mouse: 2, pen: 4, touch: 6 }; // pixels a press may slip before it is a drag
const REACH = { mouse: 10, pen: 12, touch: 22 }; // pixels around a joint that still hit it
const LONG_PRESS = 550, DOUBLE = 350, KEY_PAUSE = 300;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class PoseEditor {
  constructor(root, data, send) {
    this.send = send;
    this.view = buildEditor(root, data);
    this.touches = new Map();
    this.camera = { x: 0, y: 0, zoom: 1 };
    this.on = { lock: false, hands: false, grid: false };
    this.switches = {};
    this.figures = [];
    this.chosen = { person: -1, part: null, joint: -1 };
    this.listen(root);
    this.sizes = new ResizeObserver(() => this.look());
    this.sizes.observe(this.view.svg);
  }

  // ---- what Python says

  apply(data) {
    if (this.drag) { this.pending = data; return; }
    this.data = data;
    this.drawing = data.drawing;
    this.kin = {};
    for (const [up, down] of data.drawing.limbs) this.kin[down] = up;
    for (const name of ["lock", "hands"]) this.follow(name, data[name]);
    const { svg, paper, picture, grid, fade } = this.view;
    svg.style.aspectRatio = `${data.width} / ${data.height}`;
    svg.setAttribute("aria-label", `Pose, ${data.width} by ${data.height} pixels. Tab goes from `
      + "joint to joint, arrow keys move one, Delete hides it.");
    for (const node of [paper, picture]) set(node, { width: data.width, height: data.height });
    this.step = Math.max(8, Math.round(Math.min(data.width, data.height) / 256) * 8);
    grid.setAttribute("d", gridPath(data.width, data.height, this.step));
    picture.setAttribute("display", data.background ? "inline" : "none");
    fade.hidden = !data.background;
    if (data.background) picture.setAttribute("href", data.background);
    this.fade();
    if (this.rev !== data.rev) this.load(data);
  }

  follow(name, value) {
    if (this.switches[name] === value) return;
    this.switches[name] = value;
    this.toggle(name, value);
  }

  load(data) {
    clearTimeout(this.timer);
    this.rev = data.rev;
    const kept = KEPT.get(data.rev) || { people: copy(data.people), past: [], future: [] };
    KEPT.delete(data.rev);
    KEPT.set(data.rev, kept);
    if (KEPT.size > 8) KEPT.delete(KEPT.keys().next().value);
    this.kept = kept;
    this.chosen = { person: -1, part: null, joint: -1 };
    this.camera = { x: data.width / 2, y: data.height / 2, zoom: 1 };
    this.rebuild();
  }

  get people() { return this.kept.people; }
  set people(people) { this.kept.people = people; }
  get current() { return this.people[this.active]; }
  get active() { return this.chosen.person < 0 ? this.people.length - 1 : this.chosen.person; }
  get point() {
    const { person, part, joint } = this.chosen;
    return (part && this.people[person]?.[part]?.[joint]) || null;
  }
  get limits() { return [this.data.width, this.data.height]; }

  // ---- drawing

  rebuild() {
    this.view.people.replaceChildren();
    this.figures = this.people.map(() => figure(this.view.people, this.drawing));
    this.people.forEach((_, index) => this.draw(index));
    this.look();
    this.label();
  }

  draw(index) {
    drawFigure(this.figures[index], this.people[index], this.drawing, this.on.hands);
    this.overlay();
  }

  overlay() {
    const { person } = this.chosen;
    const chosen = this.people[person];
    drawFrame(this.view, chosen ? bounds(chosen) : null, this.k, this.top);
    drawRing(this.view, this.point, this.drawing.radius, this.k);
    this.view.about.textContent = this.describe();
  }

  describe() {
    const { person, part, joint } = this.chosen, p = this.point;
    const count = this.people.length;
    if (!this.people[person]) return count === 1 ? "1 person" : `${count} people`;
    const head = `Person ${person + 1}`;
    if (!p) return head;
    const where = `${Math.round(p.x)}, ${Math.round(p.y)}${p.hidden ? ", hidden" : ""}`;
    return `${head} · ${jointName(part, joint, this.drawing.names)} · ${where}`;
  }

  label() {
    this.people.forEach((person, index) =>
      labelFigure(this.figures[index], person, index + 1, this.drawing.names));
    const { tool, hand, choices, zoom } = this.view;
    const full = this.people.length >= this.data.max_people;
    const off = {
      undo: !this.kept.past.length, redo: !this.kept.future.length, visible: !this.point,
      add: full, duplicate: full || !this.current, remove: !this.current, mirror: !this.current,
    };
    for (const name in off) tool(name).disabled = off[name];
    for (const part in WRISTS) {
      hand(part).value = this.current?.[part] ? "drawn" : "none";
      hand(part).disabled = !this.current?.body[WRISTS[part]];
    }
    choices.hidden = !this.on.hands;
    zoom.textContent = `${Math.round(this.k * 100) || 100} %`;
  }

  // The part of the canvas that is seen, so that a pixel of it takes k pixels of the screen.
  look() {
    if (!this.data) return;
    const { svg } = this.view, [width, height] = this.limits, camera = this.camera;
    const wide = svg.clientWidth, high = svg.clientHeight;
    if (!wide || !high) return;
    const fit = Math.min((wide - 2 * MARGIN) / width, (high - 2 * MARGIN) / height);
    this.k = fit * camera.zoom;
    const free = camera.zoom > 1;
    camera.x = free ? clamp(camera.x, 0, width) : width / 2;
    camera.y = free ? clamp(camera.y, 0, height) : height / 2;
    this.top = camera.y - high / 2 / this.k;
    const left = camera.x - wide / 2 / this.k;
    svg.setAttribute("viewBox", `${left} ${this.top} ${wide / this.k} ${high / this.k}`);
    svg.style.setProperty("--pixel", 1 / this.k);
    this.overlay();
    this.view.zoom.textContent = `${Math.round(this.k * 100)} %`;
  }

  zoom(factor, clientX, clientY) {
    const at = this.place(clientX, clientY), { camera } = this;
    const zoom = clamp(camera.zoom * factor, 1, MAX_ZOOM), real = zoom / camera.zoom;
    camera.x = at.x + (camera.x - at.x) / real;
    camera.y = at.y + (camera.y - at.y) / real;
    camera.zoom = zoom;
    this.look();
  }

  zoomMiddle(factor) {
    const box = this.view.svg.getBoundingClientRect();
    this.zoom(factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  fade() {
    this.view.picture.setAttribute("opacity", this.view.fade.querySelector("input").value / 100);
  }

  place(clientX, clientY) {
    const box = this.view.svg.getBoundingClientRect();
    return {
      x: this.camera.x + (clientX - box.left - box.width / 2) / this.k,
      y: this.camera.y + (clientY - box.top - box.height / 2) / this.k,
    };
  }

  // ---- history and Python

  remember(before) {
    this.kept.past.push(before);
    if (this.kept.past.length > HISTORY) this.kept.past.shift();
    this.kept.future = [];
  }

  change(people, words, chosen = this.chosen) {
    this.finishKeys();
    this.remember(this.people);
    this.people = people;
    this.chosen = chosen;
    this.rebuild();
    this.commit(words);
  }

  changePerson(index, person, words) {
    this.change(this.people.map((one, i) => (i === index ? person : one)), words);
  }

  commit(words) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.label();
    if (words) this.say(words);
    this.send({ rev: this.rev, people: this.people });
  }

  finishKeys() {
    if (this.timer) this.commit();
    this.nudging = false;
  }

  travel(from, to, words) {
    this.finishKeys();
    if (!from.length) return;
    to.push(this.people);
    this.people = from.pop();
    if (!this.people[this.chosen.person]) this.chosen = { person: -1, part: null, joint: -1 };
    this.rebuild();
    this.commit(words);
  }

  say(words) {
    this.view.spoken.textContent = words;
  }

  // ---- tools

  use(tool) {
    const index = this.active, person = this.current, number = index + 1;
    const [width, height] = this.limits;
    const tools = {
      undo: () => this.travel(this.kept.past, this.kept.future, "undone"),
      redo: () => this.travel(this.kept.future, this.kept.past, "redone"),
      add: () => this.join(standing(this.data.figure, this.people, width, height), "added"),
      duplicate: () => this.join(this.beside(person), "duplicated"),
      remove: () => this.change(this.people.filter((_, i) => i !== index),
        `person ${number} removed`, { person: -1, part: null, joint: -1 }),
      mirror: () => this.changePerson(index, mirrored(person), `person ${number} mirrored`),
      complete: () => this.changePerson(index, completed(person, this.data.figure, this.kin),
        "missing joints added"),
      visible: () => this.hide(this.chosen),
      show: () => this.changePerson(index, this.unhidden(person), "all joints shown"),
      out: () => this.zoomMiddle(1 / 1.4), in: () => this.zoomMiddle(1.4),
      fit: () => { this.camera.zoom = 1; this.look(); },
    };
    if (tool in this.on) this.toggle(tool, !this.on[tool]);
    else tools[tool]();
  }

  toggle(name, value) {
    this.on[name] = value;
    this.view.tool(name).setAttribute("aria-pressed", value);
    this.view.grid.setAttribute("display", this.on.grid ? "inline" : "none");
    if (!this.on.hands && this.chosen.part !== "body") this.chosen.part = null;
    if (!this.kept) return;
    this.people.forEach((_, index) => this.draw(index));
    this.label();
  }

  join(person, what) {
    if (this.people.length >= this.data.max_people) return;
    const chosen = { person: this.people.length, part: null, joint: -1 };
    this.change([...this.people, person], `person ${chosen.person + 1} ${what}`, chosen);
  }

  beside(person) {
    const [width, height] = this.limits, limits = room(person, width, height);
    const right = movedBy(person, width / 8, 0, limits), box = bounds(person);
    const stuck = !box || bounds(right).l - box.l < width / 16;
    return stuck ? movedBy(person, -width / 8, 0, limits) : right;
  }

  unhidden(person) {
    const next = copy(person);
    for (const part of PARTS) for (const p of next[part] || []) if (p) p.hidden = false;
    return next;
  }

  hide({ person, part, joint }) {
    const next = copy(this.people[person]), point = next[part][joint];
    point.hidden = !point.hidden;
    const name = jointName(part, joint, this.drawing.names);
    this.changePerson(person, next, `${name} ${point.hidden ? "hidden" : "shown"}`);
  }

  giveHand(part, name) {
    const preset = this.data.presets[name];
    const { radius } = this.drawing, person = this.current;
    const hand = preset ? handFrom(preset, person, part, this.kin, radius) : null;
    this.changePerson(this.active, { ...person, [part]: hand },
      `${PART_NAMES[part]} ${preset ? name : "removed"}`);
  }

  choose(chosen, focus = true) {
    this.chosen = chosen;
    this.overlay();
    this.label();
    const node = chosen.part ? this.figures[chosen.person][chosen.part][chosen.joint] : null;
    if (focus) (node || this.view.svg).focus({ preventScroll: true });
  }

  openMenu(clientX, clientY) {
    const { menu, svg } = this.view, point = this.point, person = this.current;
    const full = this.people.length >= this.data.max_people;
    const items = [
      point && ["visible", point.hidden ? "Show joint" : "Hide joint"],
      bounds(person, (p) => p?.hidden) && ["show", "Show all joints"],
      person.body.includes(null) && ["complete", "Add missing joints"],
      ["mirror", "Mirror"], !full && ["duplicate", "Duplicate"], ["remove", "Remove person"],
    ].filter(Boolean);
    menu.innerHTML = items.map(([name, words]) =>
      `<button type="button" role="menuitem" data-tool="${name}">${words}</button>`).join("");
    menu.hidden = false;
    const box = svg.parentElement.getBoundingClientRect();
    menu.style.left = `${clamp(clientX - box.left, 4, box.width - menu.offsetWidth - 4)}px`;
    menu.style.top = `${clamp(clientY - box.top, 4, box.height - menu.offsetHeight - 4)}px`;
    menu.firstElementChild.focus({ preventScroll: true });
  }

  closeMenu() {
    const { menu } = this.view, inside = menu.contains(menu.getRootNode().activeElement);
    menu.hidden = true;
    if (inside) this.choose(this.chosen);
  }

  // ---- what lies under the pointer

  hit(at, kind) {
    const reach = REACH[kind] / this.k;
    return this.gripAt(at, reach) || this.jointAt(at, reach) || this.limbAt(at, reach * 0.7);
  }

  gripAt(at, reach) {
    const box = this.people[this.chosen.person] && bounds(this.people[this.chosen.person]);
    if (!box) return null;
    const all = grips(box, this.k, this.top);
    const name = ["turn", "a", "b", "c", "d"].find((one) => between(all[one], at) < reach);
    return name ? { kind: name === "turn" ? "turn" : "scale", grip: name, box } : null;
  }

  jointAt(at, reach) {
    const parts = this.on.hands ? PARTS : ["body"];
    let best = null, nearest = Math.max(reach, this.drawing.radius);
    this.people.forEach((one, person) => parts.forEach((part) => (one[part] || []).forEach((p, joint) => {
      if (!p || (part !== "body" && joint === 0 && one.body[WRISTS[part]])) return;
      const far = between(p, at) * (person === this.chosen.person ? 0.8 : 1);
      if (far > nearest) return;
      nearest = far;
      best = { kind: "joint", person, part, joint };
    })));
    return best;
  }

  limbAt(at, reach) {
    let best = null, nearest = Math.max(reach, this.drawing.radius);
    this.people.forEach((one, person) => this.drawing.limbs.forEach(([a, b], limb) => {
      const from = one.body[a], to = one.body[b];
      if (!shown(from) || !shown(to)) return;
      const long = between(from, to) ** 2 || 1;
      const along = ((at.x - from.x) * (to.x - from.x) + (at.y - from.y) * (to.y - from.y)) / long;
      const t = clamp(along, 0, 1);
      const far = between(at, { x: from.x + t * (to.x - from.x), y: from.y + t * (to.y - from.y) });
      if (far > nearest) return;
      nearest = far;
      best = { kind: "limb", person, limb };
    }));
    return best;
  }

  // ---- drags

  press(event) {
    if (event.pointerType === "touch") this.touches.set(event.pointerId, event);
    if (this.touches.size === 2) { this.startPinch(); return; }
    if (event.button > 1 || this.drag) return;
    event.preventDefault();
    this.closeMenu();
    this.finishKeys();
    this.view.svg.setPointerCapture(event.pointerId);
    const at = this.place(event.clientX, event.clientY);
    const pan = this.space || event.button === 1;
    const hit = pan ? { kind: "pan" } : this.hit(at, event.pointerType) || { kind: "pan" };
    this.drag = {
      ...hit, at, id: event.pointerId, pointer: event.pointerType, event, before: this.people,
      person: hit.person ?? this.chosen.person, single: event.altKey || event.shiftKey,
      camera: { ...this.camera }, moved: false,
    };
    if (hit.kind === "joint" || hit.kind === "limb") {
      this.choose({ person: hit.person, part: hit.part || null, joint: hit.joint ?? -1 });
      this.hold = setTimeout(() => this.longPress(), LONG_PRESS);
    } else if (hit.kind === "pan" && !pan) {
      this.choose({ person: -1, part: null, joint: -1 });
    }
    this.drag.from = this.people[this.drag.person];
    this.drag.limits = this.drag.from && room(this.drag.from, ...this.limits);
  }

  longPress() {
    const { drag } = this;
    if (!drag || drag.moved || drag.pointer === "mouse") return;
    this.endDrag();
    this.openMenu(drag.event.clientX, drag.event.clientY);
  }

  drift(event) {
    if (this.touches.has(event.pointerId)) this.touches.set(event.pointerId, event);
    if (this.pinch) { this.pinching(); return; }
    const { drag } = this;
    if (!drag) { this.hover(event); return; }
    if (event.pointerId !== drag.id) return;
    const slip = Math.hypot(event.clientX - drag.event.clientX, event.clientY - drag.event.clientY);
    if (!drag.moved && slip < SLACK[drag.pointer]) return;
    drag.moved = true;
    clearTimeout(this.hold);
    drag.last = event;
    drag.frame ||= requestAnimationFrame(() => { drag.frame = 0; this.advance(drag); });
  }

  advance(drag) {
    const event = drag.last;
    if (drag.kind === "pan") { this.pan(drag, event); return; }
    const next = this.dragged(drag, this.place(event.clientX, event.clientY), event);
    if (!next) return;
    this.people = this.people.map((one, i) => (i === drag.person ? next : one));
    this.draw(drag.person);
  }

  dragged(drag, to, event) {
    const { from, limits, at } = drag;
    const dx = to.x - at.x, dy = to.y - at.y;
    if (drag.kind === "joint") return this.draggedJoint(drag, dx, dy);
    if (drag.kind === "scale") {
      const { l, t, r, b } = drag.box;
      const anchor = { x: "ad".includes(drag.grip) ? r : l, y: "ab".includes(drag.grip) ? b : t };
      return scaledBy(from, anchor, between(anchor, to) / between(anchor, at), limits);
    }
    if (drag.kind === "turn") {
      const { l, t, r, b } = drag.box, centre = { x: (l + r) / 2, y: (t + b) / 2 };
      const angle = angleOf(centre, to) - angleOf(centre, at), notch = Math.PI / 12;
      return rotatedBy(from, centre, event.shiftKey ? Math.round(angle / notch) * notch : angle, limits);
    }
    if (drag.single) return this.draggedLimb(drag, dx, dy);
    return movedBy(from, this.snap(dx), this.snap(dy), limits);
  }

  draggedJoint({ from, part, joint, limits }, dx, dy) {
    const start = from[part][joint];
    const to = {
      x: clamp(this.snap(start.x + dx), limits.l, limits.r),
      y: clamp(this.snap(start.y + dy), limits.t, limits.b),
    };
    if (part === "body") return jointMoved(from, joint, to, this.kin, this.on.lock);
    const change = joint ? () => to : shift(to.x - start.x, to.y - start.y);
    return { ...from, [part]: moved(from[part], change, (j) => !joint || j === joint) };
  }

  draggedLimb({ from, limb, limits }, dx, dy) {
    const [near, far] = this.drawing.limbs[limb];
    const [a, b] = [from.body[near], from.body[far]];
    const x = clamp(this.snap(dx), limits.l - Math.min(a.x, b.x), limits.r - Math.max(a.x, b.x));
    const y = clamp(this.snap(dy), limits.t - Math.min(a.y, b.y), limits.b - Math.max(a.y, b.y));
    const to = (p) => ({ x: p.x + x, y: p.y + y });
    if (this.on.lock) return jointMoved(from, far, to(b), this.kin, true);
    const next = { ...from, body: moved(from.body, to, (j) => j === near || j === far) };
    carryHands(from, next, this.kin);
    return next;
  }

  snap(value) {
    return this.on.grid ? Math.round(value / this.step) * this.step : value;
  }

  pan({ camera, event: start }, event) {
    if (this.camera.zoom <= 1) return;
    this.camera.x = camera.x - (event.clientX - start.clientX) / this.k;
    this.camera.y = camera.y - (event.clientY - start.clientY) / this.k;
    this.look();
  }

  release(event) {
    this.touches.delete(event.pointerId);
    if (this.pinch) { if (!this.touches.size) this.pinch = null; return; }
    if (!this.drag || event.pointerId !== this.drag.id) return;
    const { drag } = this;
    if (drag.frame) { cancelAnimationFrame(drag.frame); this.advance(drag); }
    const tapped = !drag.moved && drag.kind === "joint" && event.type === "pointerup";
    this.endDrag();
    if (tapped) this.tap(drag);
  }

  // Two taps on one joint hide it or show it again.
  tap(drag) {
    const key = `${drag.person} ${drag.part} ${drag.joint}`, now = performance.now();
    if (this.tapped?.key === key && now - this.tapped.at < DOUBLE) {
      this.tapped = null;
      this.hide(drag);
    } else this.tapped = { key, at: now };
  }

  endDrag() {
    const { drag, pending } = this;
    clearTimeout(this.hold);
    this.drag = this.pending = null;
    if (this.people !== drag.before) {
      this.remember(drag.before);
      this.commit(this.describe());
    }
    if (pending) this.apply(pending);
  }

  cancelDrag() {
    this.people = this.drag.before;
    this.drag.moved = false;
    cancelAnimationFrame(this.drag.frame);
    this.draw(this.drag.person);
    this.endDrag();
  }

  hover(event) {
    if (event.pointerType !== "mouse" || !this.k) return;
    const hit = this.hit(this.place(event.clientX, event.clientY), "mouse");
    this.view.svg.dataset.over = this.space ? "pan" : hit?.grip || hit?.kind || "";
  }

  startPinch() {
    if (this.drag) this.cancelDrag();
    const [a, b] = [...this.touches.values()];
    this.pinch = { far: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), ...this.mid(a, b) };
  }

  mid(a, b) {
    return { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
  }

  pinching() {
    if (this.touches.size < 2) return;
    const [a, b] = [...this.touches.values()], mid = this.mid(a, b);
    const far = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    this.camera.x -= (mid.x - this.pinch.x) / this.k;
    this.camera.y -= (mid.y - this.pinch.y) / this.k;
    this.zoom(far / this.pinch.far, mid.x, mid.y);
    this.pinch = { far, ...mid };
  }

  // ---- keys

  key(event) {
    const command = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    const shortcuts = { z: event.shiftKey ? "redo" : "undo", y: "redo" };
    if (command && shortcuts[key]) { this.taken(event); this.use(shortcuts[key]); return; }
    if (event.key === "Escape") { this.escape(event); return; }
    if (command || !this.view.svg.contains(event.target)) return;
    const zooms = { "+": "in", "=": "in", "-": "out", 0: "fit" };
    if (ARROWS[event.key]) this.arrow(event);
    else if (event.key === " ") { this.taken(event); this.space = true; }
    else if (zooms[event.key]) { this.taken(event); this.use(zooms[event.key]); }
    else if (event.key === "Delete" || event.key === "Backspace") this.erase(event);
    else if (event.key === "ContextMenu" || event.key === "Enter") this.menuKey(event);
  }

  taken(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  arrow(event) {
    const { person, part, joint } = this.chosen, from = this.people[person];
    if (!from || this.drag) return;
    this.taken(event);
    const by = event.shiftKey ? 10 : 1, [x, y] = ARROWS[event.key];
    const limits = room(from, ...this.limits), dx = x * by, dy = y * by;
    if (!this.nudging) this.remember(this.people);
    this.nudging = true;
    const grid = this.on.grid;
    this.on.grid = false; // keys go pixel by pixel, on the grid too
    const next = this.point
      ? this.draggedJoint({ from, part, joint, limits }, dx, dy) : movedBy(from, dx, dy, limits);
    this.on.grid = grid;
    this.people = this.people.map((one, i) => (i === person ? next : one));
    this.draw(person);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.nudging = false; this.commit(this.describe()); }, KEY_PAUSE);
  }

  erase(event) {
    if (!this.people[this.chosen.person]) return;
    this.taken(event);
    this.use(this.point ? "visible" : "remove");
  }

  menuKey(event) {
    if (!this.people[this.chosen.person]) return;
    this.taken(event);
    const box = this.figures[this.chosen.person].group.getBoundingClientRect();
    const node = event.target.classList.contains("joint") ? event.target.getBoundingClientRect() : box;
    this.openMenu(node.right, node.bottom);
  }

  escape(event) {
    if (this.drag) this.cancelDrag();
    else if (!this.view.menu.hidden) this.closeMenu();
    else if (this.chosen.person >= 0) this.choose({ person: -1, part: null, joint: -1 });
    else return;
    this.taken(event);
  }

  menuMove(event) {
    const items = [...this.view.menu.children];
    const to = items.indexOf(event.target) + (ARROWS[event.key]?.[1] || 0);
    if (!ARROWS[event.key]) return;
    this.taken(event);
    items[(to + items.length) % items.length].focus();
  }

  // ---- wiring

  listen(root) {
    const { svg, menu, fade } = this.view;
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.drift(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      svg.addEventListener(end, (event) => this.release(event));
    }
    // A finger on a figure (or two anywhere) is ours; on empty paper it scrolls the page.
    svg.addEventListener("touchstart", (event) => {
      const [one] = event.touches, at = this.place(one.clientX, one.clientY);
      const ours = event.touches.length > 1 || this.camera.zoom > 1 || this.hit(at, "touch");
      if (ours) event.preventDefault();
    }, { passive: false });
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      const hit = this.hit(this.place(event.clientX, event.clientY), "mouse");
      if (hit?.person === undefined || this.drag) return;
      this.choose({ person: hit.person, part: hit.part || null, joint: hit.joint ?? -1 }, false);
      this.openMenu(event.clientX, event.clientY);
    });
    svg.addEventListener("focusin", ({ target }) => this.focused(target));
    root.addEventListener("click", ({ target }) => {
      const tool = target.closest("[data-tool]")?.dataset.tool;
      if (!tool) return;
      this.closeMenu();
      this.use(tool);
    });
    root.addEventListener("change", ({ target }) => {
      if (target.dataset.hand) this.giveHand(target.dataset.hand, target.value);
    });
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("keyup", (event) => { if (event.key === " ") this.space = false; });
    menu.addEventListener("keydown", (event) => this.menuMove(event));
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (!menu.contains(relatedTarget)) menu.hidden = true;
    });
    fade.addEventListener("input", () => this.fade());
  }

  focused(target) {
    if (this.drag || !target.dataset.part) return;
    const person = this.figures.findIndex(({ group }) => group.contains(target));
    this.choose({ person, part: target.dataset.part, joint: Number(target.dataset.joint) }, false);
  }

  // The wheel zooms once the editor is in use (or with Ctrl, as a trackpad's pinch says).
  wheel(event) {
    const inUse = this.view.root.contains(this.view.root.getRootNode().activeElement);
    const closer = event.deltaY < 0;
    if (!event.ctrlKey && !inUse) return;
    if (!closer && this.camera.zoom <= 1 && !event.ctrlKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-clamp(event.deltaY, -60, 60) / 240), event.clientX, event.clientY);
  }

  close() {
    if (this.drag) this.endDrag();
    this.finishKeys();
    this.sizes.disconnect();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const send = (pose) => setStateValue("pose", pose);
  let editor = EDITORS.get(parentElement);
  if (!editor) {
    editor = new PoseEditor(parentElement.querySelector(".root"), data, send);
    EDITORS.set(parentElement, editor);
  }
  editor.send = send;
  editor.apply(data);
  return () => { editor.close(); EDITORS.delete(parentElement); };
}
