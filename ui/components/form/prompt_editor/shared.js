// What the prompt boxes of a page share: what Python told last, and the two tables that are
// fetched once, each under an address that names its content.
import { TagList } from "./completion/tags.js";
import { Tokenizer } from "./tokens/bpe.js";

const tables = new Map(); // by address: the promise of what was made of the table

export class Shared {
  constructor(data) {
    this.data = data;
    this.chooseStyle = () => {}; // tells Python; with each message another one
  }

  // null while it can't be had: a prompt is written without a count, too.
  tokenizer() {
    return table(this.data.merges, Tokenizer);
  }

  tags() {
    return this.data.tags ? table(this.data.tags, TagList) : null;
  }
}

function table(url, Table) {
  if (!tables.has(url)) tables.set(url, load(url, Table));
  return tables.get(url);
}

async function load(url, Table) {
  try {
    const answer = await fetch(url);
    if (answer.ok) return new Table(await answer.text());
  } catch {
    // Without a network; the next box asks again.
  }
  tables.delete(url);
  return null;
}
