// What keys do in a prompt, beside what they do in any text.
import { handOver } from "../area.js";
import { moveParts } from "./order.js";
import { changeWeight } from "./weights.js";

// As CodeMirror takes them, for one editor.
export function promptKeys(editor) {
  return [
    { key: "Mod-ArrowUp", run: changing(editor, (...at) => changeWeight(...at, true)) },
    { key: "Mod-ArrowDown", run: changing(editor, (...at) => changeWeight(...at, false)) },
    { key: "Alt-ArrowLeft", run: changing(editor, (...at) => moveParts(...at, true)) },
    { key: "Alt-ArrowRight", run: changing(editor, (...at) => moveParts(...at, false)) },
    { key: "Alt-ArrowUp", run: recalling(editor, 1) },
    { key: "Alt-ArrowDown", run: recalling(editor, -1) },
    { key: "Mod-Enter", run: handingOver(editor) },
  ];
}

// A key that changes nothing is taken all the same: Alt+Left would leave the page.
const changing = (editor, change) => (view) => {
  const { from, to } = view.state.selection.main;
  const changed = change(editor.text, from, to);
  if (changed) editor.replace(changed);
  return true;
};

const recalling = (editor, step) => () => {
  const text = editor.recent.step(editor.text, step);
  if (text !== null) editor.replace({ text });
  return true;
};

// The button Generate takes the key, once the text is there.
const handingOver = (editor) => () => {
  handOver(editor.area);
  return true;
};
