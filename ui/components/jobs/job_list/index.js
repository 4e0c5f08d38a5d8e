// Lists jobs as rows or as a gallery of thumbnails: a click opens one, a box selects it.
import { make } from "./elements.js";
import { listenToKeys } from "./keys.js";
import { rowOf } from "./row.js";
import { Selection } from "./selection.js";

const STATE = new WeakMap();

function stateOf(parent) {
  if (!STATE.has(parent)) STATE.set(parent, { shown: "", data: null, selection: new Selection() });
  return STATE.get(parent);
}

function head(texts, toggleAll) {
  const label = make("label", "all");
  const box = make("input", "");
  box.type = "checkbox";
  box.onclick = toggleAll;
  label.append(box, make("span", "count", texts.select_all));
  return label;
}

// What the selection changes of a list that stands; no row is made anew.
function mark(root, { data, selection }) {
  const shown = data.rows.map((row) => row.id);
  const count = selection.ids.size;
  root.classList.toggle("selecting", count > 0);
  const all = root.querySelector(".all input");
  all.checked = selection.hasAll(shown);
  all.indeterminate = !all.checked && shown.some((id) => selection.ids.has(id));
  const said = count ? data.texts.selected.replace("{}", count) : data.texts.select_all;
  root.querySelector(".count").textContent = said;
  for (const row of root.querySelectorAll(".row")) {
    const is = selection.ids.has(row.dataset.job);
    row.classList.toggle("selected", is);
    row.querySelector(".tick input").checked = is;
  }
}

function draw(root, parent, state, on) {
  const { data } = state;
  const all = () => [...root.querySelectorAll("button, input")];
  const held = all().indexOf(parent.activeElement ?? root.getRootNode().activeElement);
  const rows = make("div", data.gallery ? "rows gallery" : "rows");
  const look = { texts: data.texts, chosen: data.chosen, isGallery: data.gallery };
  rows.append(...data.rows.map((row) => rowOf(row, look, on)));
  root.replaceChildren(head(data.texts, on.toggleAll), rows);
  if (held >= 0) all()[held]?.focus();
}

function actions(root, state, { setStateValue, setTriggerValue }) {
  const ids = () => state.data.rows.map((row) => row.id);
  const changed = () => {
    mark(root, state);
    setStateValue("selection", state.selection.state);
  };
  return {
    set: setTriggerValue,
    toggle: (id, isRange) => (state.selection.toggle(id, ids(), isRange), changed()),
    toggleAll: () => (state.selection.toggleAll(ids()), changed()),
    clear: () => state.selection.ids.size && (state.selection.clear(), changed()),
    step: (by) => {
      const shown = ids();
      const next = shown[shown.indexOf(state.data.chosen) + by];
      if (next) setTriggerValue("pick", next);
      return Boolean(next);
    },
  };
}

export default function (message) {
  const { data, parentElement } = message;
  const state = stateOf(parentElement);
  const root = parentElement.querySelector(".root");
  state.data = data;
  const on = actions(root, state, message);
  const stop = listenToKeys(parentElement, on);
  const key = JSON.stringify(data);
  if (state.shown !== key) {
    state.shown = key;
    state.selection.begin(data.token);
    draw(root, parentElement, state, on);
    mark(root, state);
  }
  return stop;
}
