// A text that knows of each of its characters where in the prompt it stands.
export class MappedText {
  constructor(text, at) {
    this.text = text;
    this.at = at;
  }

  // All of a prompt: each UTF-16 unit is where it is.
  static of(text) {
    return new MappedText(text, Array.from({ length: text.length }, (_, index) => index));
  }

  static join(parts) {
    return new MappedText(
      parts.map((part) => part.text).join(""),
      parts.flatMap((part) => part.at),
    );
  }

  slice(from, to = this.text.length) {
    return new MappedText(this.text.slice(from, to), this.at.slice(from, to));
  }

  trim() {
    const from = this.text.length - this.text.trimStart().length;
    return this.slice(from, Math.max(from, this.text.trimEnd().length));
  }

  trimEnd() {
    return this.slice(0, this.text.trimEnd().length);
  }

  // The parts between what a global pattern finds.
  split(pattern) {
    const parts = [];
    let from = 0;
    for (const found of this.text.matchAll(pattern)) {
      parts.push(this.slice(from, found.index));
      from = found.index + found[0].length;
    }
    return [...parts, this.slice(from)];
  }
}
