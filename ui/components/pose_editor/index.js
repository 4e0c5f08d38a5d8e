// Streamlit's side of the pose editor: called with every message, keeps one editor for each place
// on the page, and hands its pose to Python.
import { PoseEditor } from "./editor.js";

const editors = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let editor = editors.get(parentElement);
  if (!editor) {
    editor = new PoseEditor(parentElement.querySelector(".root"), data);
    editors.set(parentElement, editor);
  }
  editor.send = (pose) => setStateValue("pose", pose);
  editor.apply(data);
  return () => { editor.close(); editors.delete(parentElement); };
}
