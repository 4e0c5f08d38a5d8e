// What the editor offers while a prompt is typed.
import { acceptCompletion, autocompletion, keymap, Prec } from "../vendor/codemirror-6.js";
import { findOffers, MOST } from "./offers.js";

// As extensions: Tab and Enter take an offer, Escape closes the list.
export function suggestions(editor) {
  return [
    autocompletion({
      override: [(context) => suggest(context, editor)],
      icons: false,
      maxRenderedOptions: MOST,
      aboveCursor: false,
    }),
    Prec.highest(keymap.of([{ key: "Tab", run: acceptCompletion }])),
  ];
}

async function suggest(context, editor) {
  const { shared } = editor;
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const found = findOffers(before, shared.data, await shared.tags(), context.explicit);
  if (!found?.options.length) return null;
  const after = context.state.sliceDoc(context.pos, context.pos + 1);
  return {
    from: context.pos - found.length,
    options: found.options.map((offer, index) => asCompletion(offer, found.options.length - index, after, editor.chooseStyle)),
    filter: false,
  };
}

// Tags are parts of a prompt, so that a comma follows unless there is one. A style is no text: its
// letters go, and it is chosen in the form.
function asCompletion({ insert, isPart, style, ...about }, boost, after, chooseStyle) {
  const written = isPart && after !== "," ? `${insert}, ` : insert;
  const choose = (view, _, from, to) => {
    view.dispatch({ changes: { from, to }, userEvent: "input.complete" });
    chooseStyle(style);
  };
  return { ...about, boost, apply: style ? choose : written };
}
