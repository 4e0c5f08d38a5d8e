// The team's tag list: found by the begin of a name, of an alias, or by what is inside a name.
const SHORT = new Intl.NumberFormat("en", { notation: "compact" });
const HAS_WORD = /[\p{L}\p{N}]{2}/u; // what has none is a face such as ^_^, which keeps its underscore

// A tag as a prompt writes it: words between spaces, and brackets that weigh nothing.
export function asWritten(name) {
  const spaced = HAS_WORD.test(name) ? name.replaceAll("_", " ") : name;
  return spaced.replace(/[()[\]\\]/g, "\\$&");
}

export class TagList {
  // `text` has one tag a line, the most used first: name, count and aliases between tabs, the
  // aliases between commas; all in small letters.
  constructor(text) {
    const lines = text.split("\n").filter(Boolean);
    this.rows = lines.map((line) => {
      const [name, count = "", aliases = ""] = line.split("\t");
      return { name, count: Number(count), aliases: aliases && `,${aliases}` };
    });
  }

  // [{ name, alias, count }]: at most so many; `alias` where that is what was found.
  find(typed, most) {
    const wanted = typed.trim().toLowerCase().replaceAll(" ", "_");
    const found = { begins: [], aliases: [], inside: [] };
    for (const row of this.rows) {
      if (row.name.startsWith(wanted)) found.begins.push(offerOf(row));
      else if (row.aliases.includes(`,${wanted}`)) found.aliases.push(offerOf(row, wanted));
      else if (found.inside.length < most && row.name.includes(wanted)) found.inside.push(offerOf(row));
      if (found.begins.length === most) break;
    }
    return [...found.begins, ...found.aliases, ...found.inside].slice(0, most);
  }
}

function offerOf({ name, count, aliases }, wanted = "") {
  const alias = wanted && aliases.split(",").find((each) => each.startsWith(wanted));
  return { name, alias, count: count ? SHORT.format(count) : "" };
}
