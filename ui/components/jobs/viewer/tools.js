// The row of buttons that zoom: the same under one image and under two that are compared.
export function labelledButton(text, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  if (label) {
    made.setAttribute("aria-label", label);
    made.title = label;
  }
  made.onclick = act;
  return made;
}

export function labelledGroup(name, label, ...parts) {
  const made = document.createElement("div");
  made.className = name;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", label);
  made.append(...parts);
  return made;
}

const STEP = 1.25;
const PAN = 60;

export function zoomTools(pan, texts, root) {
  const scale = document.createElement("output");
  const tools = labelledGroup("tools", texts.zoom,
    labelledButton("−", texts.zoom_out, () => pan.zoom(1 / STEP)),
    scale,
    labelledButton("+", texts.zoom_in, () => pan.zoom(STEP)),
    labelledButton(texts.fit, texts.fit_help, () => pan.fit()),
    labelledButton("1:1", texts.actual, () => pan.actual()));
  if (document.fullscreenEnabled) {
    tools.append(labelledButton(texts.full_screen, "", () => fullScreen(root)));
  }
  const told = () => { scale.textContent = `${Math.round(pan.view.scale * 100)} %`; };
  return { tools, told };
}

function fullScreen(root) {
  if (document.fullscreenElement) document.exitFullscreen();
  else root.requestFullscreen();
}

export const isFullScreen = (root) => root.getRootNode().fullscreenElement === root;

// What a key does; arrows pan an image that is larger than its box. Returns whether it did it.
export function zoomKey(event, pan, root) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const isZoomed = pan.view.scale > 1;
  const acts = {
    "+": () => pan.zoom(STEP),
    "=": () => pan.zoom(STEP),
    "-": () => pan.zoom(1 / STEP),
    0: () => pan.fit(),
    1: () => pan.actual(),
    f: () => fullScreen(root),
    ...(isZoomed && {
      Escape: () => pan.fit(),
      ArrowUp: () => pan.pan(0, PAN),
      ArrowDown: () => pan.pan(0, -PAN),
    }),
    ...(isZoomed && event.shiftKey && {
      ArrowLeft: () => pan.pan(PAN, 0),
      ArrowRight: () => pan.pan(-PAN, 0),
    }),
  };
  const act = acts[event.key];
  act?.();
  return Boolean(act);
}
