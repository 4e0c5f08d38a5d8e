// The team's tag list: found by the begin of a name, of an alias, or by what is inside a name.
const SHORT = new Intl.NumberFormat("en", { notation: "compact" });
const HAS_WORD = /[\p{L}\p{N}]{2}/u; // what has none is a face such as ^_^, which keeps its underscore

// A tag as a prompt writes it: words between spaces, and brackets that weigh nothing.
export function asWritten(name) {
  const spaced = HAS_WORD.test(name) ? name.replaceAll("_", " ") : name;
  return spaced.replace(/[()[\]\\]/g, "\\$&");
}

// One text, which a search runs through at once: with 100,000 tags in 5 MB that takes milliseconds,
// a row for each would take half a second to make and a tenth of one to look through.
export class TagList {
  // A line for each tag, the most used first: what it is found by, its count, its aliases each
  // behind a comma, and its name where that is written otherwise; tabs between them.
  constructor(text) {
    this.text = `\n${text}`;
  }

  // [{ name, alias, count }]: at most so many; `alias` where that is what was found.
  find(typed, most) {
    const wanted = typed.trim().toLowerCase().replaceAll(" ", "_");
    const found = new Map(); // by where the line begins
    for (const [before, isFit] of [["\n", null], [",", isAlias], ["", isInside]]) {
      for (const { line, start } of this.#lines(before + wanted, isFit)) {
        if (found.size === most) break;
        if (!found.has(start)) found.set(start, offerOf(line, isFit === isAlias ? wanted : ""));
      }
    }
    return [...found.values()];
  }

  // The lines that have the letters, where they stand in the right place.
  *#lines(letters, isFit) {
    for (let at = this.text.indexOf(letters); at >= 0; ) {
      const start = letters[0] === "\n" ? at : this.text.lastIndexOf("\n", at);
      const end = this.text.indexOf("\n", start + 1);
      const line = this.text.slice(start + 1, end);
      if (!isFit || isFit(line, at - start - 1)) yield { line, start };
      at = this.text.indexOf(letters, end);
    }
  }
}

const isAlias = (line, at) => line.slice(0, at).split("\t").length === 3;
const isInside = (line, at) => at < line.indexOf("\t");

function offerOf(line, wanted) {
  const [key, count, aliases, name] = line.split("\t");
  const alias = wanted && aliases.split(",").find((each) => each.startsWith(wanted));
  return { name: name || key, alias, count: Number(count) ? SHORT.format(count) : "" };
}
