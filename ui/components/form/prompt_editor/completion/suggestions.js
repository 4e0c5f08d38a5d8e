// What the editor offers while a prompt is typed.
import { acceptCompletion, autocompletion, keymap, Prec } from "../vendor/codemirror-6.js";
import { findOffers, MOST } from "./offers.js";

// As extensions: Tab and Enter take an offer, Escape closes the list.
export function suggestions(shared) {
  return [
    autocompletion({
      override: [(context) => suggest(context, shared)],
      icons: false,
      maxRenderedOptions: MOST,
      aboveCursor: false,
    }),
    Prec.highest(keymap.of([{ key: "Tab", run: acceptCompletion }])),
  ];
}

async function suggest(context, shared) {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const found = findOffers(before, shared.data, await shared.tags(), context.explicit);
  if (!found?.options.length) return null;
  const after = context.state.sliceDoc(context.pos, context.pos + 1);
  return {
    from: context.pos - found.length,
    options: found.options.map((offer, index) => asCompletion(offer, found.options.length - index, after)),
    filter: false,
  };
}

// Tags are parts of a prompt, so that a comma follows unless there is one.
const asCompletion = ({ insert, isPart, ...about }, boost, after) => ({
  ...about,
  boost,
  apply: isPart && after !== "," ? `${insert}, ` : insert,
});
