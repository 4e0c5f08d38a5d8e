// What the prompt editor uses of CodeMirror 6; esbuild leaves the rest out of the bundle.
export { acceptCompletion, autocompletion } from "@codemirror/autocomplete";
export { history, historyKeymap, standardKeymap } from "@codemirror/commands";
export { Annotation, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
export { Decoration, EditorView, keymap, placeholder, WidgetType } from "@codemirror/view";
