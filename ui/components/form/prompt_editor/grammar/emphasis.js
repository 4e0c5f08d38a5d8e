// A1111's emphasis as the container parses it: sagemaker_container/engine/prompt/syntax.py.
import { MappedText } from "./mapped_text.js";

const EMPHASIS = 1.1;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)`;
const PART = new RegExp(
  String.raw`\\(?<literal>[()\[\]\\]?)|(?<opening>[(\[])|:\s*(?<factor>${NUMBER})\s*\)` +
    String.raw`|(?<closing>[)\]])|(?<text>[^\\()\[\]:]+|:)`,
  "gu",
);
const BREAK = /\s*(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])\s*/gu;
const FACTORS = { ")": EMPHASIS, "]": 1 / EMPHASIS };
const PAIRS = { "(": ")", "[": "]" };

// Sections between BREAKs, each a list of { text, weight } whose text is a MappedText, and the
// brackets: { open, close, factor } for a pair, with where the close mark begins and ends, and
// those that have no partner.
export function parseEmphasis(prompt) {
  const sections = [[]];
  const opened = { ")": [], "]": [] };
  const brackets = { pairs: [], alone: [] };
  for (const found of prompt.text.matchAll(PART)) {
    const part = prompt.slice(found.index, found.index + found[0].length);
    const { opening, factor, literal } = found.groups;
    const closing = found.groups.closing ?? (factor ? ")" : "");
    if (opening) {
      const position = [sections.length - 1, sections.at(-1).length];
      opened[PAIRS[opening]].push({ position, at: part.at[0] });
    } else if (closing && opened[closing].length) {
      const { position, at } = opened[closing].pop();
      multiply(sections, position, factor ? Number(factor) : FACTORS[closing]);
      const [from, to] = [part.at[0], part.at.at(-1) + 1];
      brackets.pairs.push({ open: at, from, to, factor: factor ?? "", kind: closing });
    } else if (literal !== undefined) {
      sections.at(-1).push({ text: part.slice(1), weight: 1 });
    } else {
      if (closing && !factor) brackets.alone.push(part.at[0]);
      if (factor) brackets.alone.push(part.at.at(-1));
      addText(sections, part);
    }
  }
  closeAll(sections, opened, brackets);
  return { sections: sections.map(joinEqualWeights), brackets };
}

function addText(sections, part) {
  const [first, ...others] = part.split(BREAK);
  sections.at(-1).push({ text: first, weight: 1 });
  for (const text of others) sections.push([{ text, weight: 1 }]);
}

// A bracket that is never closed reaches to the end.
function closeAll(sections, opened, brackets) {
  for (const [closing, positions] of Object.entries(opened))
    for (const { position, at } of positions) {
      multiply(sections, position, FACTORS[closing]);
      brackets.alone.push(at);
    }
}

function multiply(sections, [section, index], factor) {
  const texts = [...sections[section].slice(index), ...sections.slice(section + 1).flat()];
  for (const each of texts) each.weight *= factor;
}

function joinEqualWeights(texts) {
  const joined = [];
  for (const { text, weight } of texts) {
    const last = joined.at(-1);
    if (last?.weight === weight) last.text = MappedText.join([last.text, text]);
    else if (text.text) joined.push({ text, weight });
  }
  return joined;
}
