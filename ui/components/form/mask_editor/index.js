// Streamlit's side of the mask editor: called with every message, keeps one editor for each place
// on the page, and hands what was painted to Python.
import { MaskEditor } from "./mask_editor.js";

const editors = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let editor = editors.get(parentElement);
  if (!editor) {
    editor = new MaskEditor(parentElement.querySelector(".root"), data);
    editors.set(parentElement, editor);
  }
  editor.send = (patch) => setStateValue("patch", patch);
  editor.apply(data);
  return () => { editor.close(); editors.delete(parentElement); };
}
