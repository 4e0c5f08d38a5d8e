// CLIP's byte-level byte pair encoding, from the merges that the container uses: see
// sagemaker_container/engine/prompt/tokenizer.py and openai/CLIP, simple_tokenizer.py.
const WORD =
  /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;
const SPECIAL = /^<\|(?:start|end)oftext\|>$/;
const CLUSTER = /[\u1100-\u11ff]+|\P{M}\p{M}*|\p{M}+/gu; // what Unicode may compose to one character
const END = "</w>";
const MOST_KEPT = 20_000; // words whose tokens are remembered

// One printable character for each byte.
function byteLetters() {
  const isPrintable = (byte) => byte > 32 && byte !== 173 && (byte < 127 || byte > 160);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : next++),
  );
}

// Composed and in small letters, character by character, and where each unit of it came from.
function normalized(text) {
  let plain = "";
  const at = [];
  for (const { 0: cluster, index } of text.matchAll(CLUSTER)) {
    const made = Array.from(cluster.normalize("NFC"), (each) => each.toLowerCase()).join("");
    plain += made;
    for (let unit = 0; unit < made.length; unit++)
      at.push(made.length === cluster.length ? index + unit : index);
  }
  return { plain, at };
}

export class Tokenizer {
  #letters = byteLetters();
  #ranks = new Map();
  #known = new Map();
  #utf8 = new TextEncoder();

  // `merges` is one pair a line, the most frequent first.
  constructor(merges) {
    merges.split("\n").forEach((pair, rank) => pair && this.#ranks.set(pair, rank));
  }

  // The tokens of a text, each with where its word begins in it: [{ token, from }].
  tokens(text) {
    const { plain, at } = normalized(text);
    const words = [...plain.matchAll(WORD)];
    return words.flatMap(({ 0: word, index }) =>
      this.#tokensOf(word).map((token) => ({ token, from: at[index] })),
    );
  }

  #tokensOf(word) {
    if (SPECIAL.test(word)) return [word];
    if (!this.#known.has(word)) {
      if (this.#known.size >= MOST_KEPT) this.#known.clear();
      this.#known.set(word, this.#merged(word));
    }
    return this.#known.get(word);
  }

  #merged(word) {
    const parts = Array.from(this.#utf8.encode(word), (byte) => this.#letters[byte]);
    parts.push(parts.pop() + END);
    for (;;) {
      const at = this.#firstMerge(parts);
      if (at < 0) return parts;
      const pair = [parts[at], parts[at + 1]];
      for (let index = at; index < parts.length - 1; index++)
        if (parts[index] === pair[0] && parts[index + 1] === pair[1])
          parts.splice(index, 2, pair.join(""));
    }
  }

  // Where the pair stands that was merged first when the table was made; -1 for none.
  #firstMerge(parts) {
    let best = Infinity;
    let found = -1;
    for (let index = 0; index < parts.length - 1; index++) {
      const rank = this.#ranks.get(`${parts[index]} ${parts[index + 1]}`) ?? Infinity;
      if (rank < best) [best, found] = [rank, index];
    }
    return found;
  }
}
