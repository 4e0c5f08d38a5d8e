// What stands in a prompt, for the colours of the editor and what it says of a part.
import { parseEmphasis } from "./emphasis.js";
import { MappedText } from "./mapped_text.js";
import { nearestName } from "./nearest.js";
import { parseSchedule } from "./schedule.js";

const TAG = /<([\p{L}\p{N}_]+):([^<>]*)>/gu;
const TORN_TAG = /<\s*(?:lora|lyco|hypernet)\s*:[^<>\s,]*>?/gi;
const KEYWORD = /(?<![\p{L}\p{N}_])(?:BREAK|AND)(?![\p{L}\p{N}_])/gu;
const WILDCARD = /__([\p{L}\p{N}_\-./*]+?)__/gu;
const BRACES = /\\[{}]|\$\{|[{}]|\d*(?:-\d*)?\$\$|\d*\.?\d+::|\|/g;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}_\-.]*[\p{L}\p{N}]/gu;
const LEAST_NAME = 5; // letters of an embedding's name that a word may be a slip of

// { from, to, kind, said?, near? } by place; `said` names what is wrong with it. `known` has the
// names of LoRAs, embeddings and wildcards; a null is a list that is not known.
export function marksOf(prompt, known) {
  const tags = [...tagMarks(prompt, known)];
  const rest = blanked(prompt, tags);
  const schedules = scheduleMarks(rest);
  const changes = new Set(schedules.map(({ from }) => from));
  const brackets = bracketMarks(rest).filter(({ from }) => !changes.has(from));
  const marks = [...tags, ...brackets, ...schedules];
  for (const found of rest.matchAll(KEYWORD)) marks.push(spanOf(found, "keyword"));
  marks.push(...wildcardMarks(rest, known.wildcards), ...braceMarks(rest));
  marks.push(...embeddingMarks(rest, known.embeddings ?? []));
  return marks.sort((one, other) => one.from - other.from || other.to - one.to);
}

const spanOf = ({ 0: text, index }, kind, more = {}) => ({
  from: index,
  to: index + text.length,
  kind,
  ...more,
});

// The prompt with spaces for what was read already, so that places stay.
function blanked(prompt, marks) {
  return marks.reduce(
    (text, { from, to }) => text.slice(0, from) + " ".repeat(to - from) + text.slice(to),
    prompt,
  );
}

function* tagMarks(prompt, { loras }) {
  for (const found of prompt.matchAll(TAG)) {
    const name = found[2].split(":")[0].trim();
    const isLora = /^(?:lora|lyco)$/i.test(found[1]);
    if (!isLora) yield spanOf(found, "unknown", { said: "noLora" });
    else yield spanOf(found, ...nameMark("lora", name, loras, "unknownLora"));
  }
  const rest = prompt.replace(TAG, (tag) => " ".repeat(tag.length));
  for (const found of rest.matchAll(TORN_TAG)) yield spanOf(found, "wrong", { said: "tornTag" });
}

function nameMark(kind, name, names, said) {
  const plain = name.replace(/\.safetensors$/i, "");
  if (!names || names.includes(plain)) return [kind];
  return ["unknown", { said, name: plain, near: nearestName(plain, names) }];
}

function bracketMarks(text) {
  const { pairs, alone } = parseEmphasis(MappedText.of(text)).brackets;
  return [
    ...pairs.flatMap(({ open, from, to }) => [
      { from: open, to: open + 1, kind: "weight" },
      { from, to, kind: "weight" },
    ]),
    ...alone.map((at) => ({ from: at, to: at + 1, kind: "wrong", said: "unbalanced" })),
  ];
}

function scheduleMarks(text) {
  const places = parseSchedule(MappedText.of(text))?.marks ?? [];
  return places.map((at) => ({ from: at, to: at + 1, kind: "schedule" }));
}

// Upper and lower case are one, and the folders before a name may be left out.
const hasWildcard = (names, asked) =>
  names?.some((name) => `/${name.toLowerCase()}`.endsWith(`/${asked}`));

function* wildcardMarks(text, names) {
  for (const found of text.matchAll(WILDCARD)) {
    const isFound = found[1].includes("*") || hasWildcard(names, found[1].toLowerCase());
    const known = isFound ? null : names;
    yield spanOf(found, ...nameMark("wildcard", found[1], known, "unknownWildcard"));
  }
}

function braceMarks(text) {
  const marks = [];
  const opened = [];
  for (const found of text.matchAll(BRACES)) {
    const mark = found[0];
    if (mark.startsWith("\\")) continue;
    if (mark === "{" || mark === "${") opened.push(spanOf(found, "dynamic"));
    else if (mark === "}" && opened.length) marks.push(opened.pop(), spanOf(found, "dynamic"));
    else if (mark === "}") marks.push(spanOf(found, "wrong", { said: "unbalanced" }));
    else if (opened.length) marks.push(spanOf(found, "dynamic"));
  }
  return [...marks, ...opened.map((each) => ({ ...each, kind: "wrong", said: "unbalanced" }))];
}

// Embeddings are named without any sign, so that only a word near to a name may be a slip.
function* embeddingMarks(text, names) {
  const small = new Set(names.map((name) => name.toLowerCase()));
  const slips = names.filter((name) => name.length >= LEAST_NAME);
  for (const found of text.matchAll(WORD)) {
    const isNamed = small.has(found[0].toLowerCase());
    if (isNamed) yield spanOf(found, "embedding");
    const isLikeName = /[\d_-]/.test(found[0]) && found[0].length >= LEAST_NAME;
    const near = !isNamed && isLikeName ? nearestName(found[0], slips) : "";
    if (near) yield spanOf(found, "unknown", { said: "unknownEmbedding", name: found[0], near });
  }
}
