// How many of a text encoder's positions a prompt takes, and where its chunks of 75 begin.
// As the container does it: sagemaker_container/engine/prompt/chunks.py.
import { parseEmphasis } from "../grammar/emphasis.js";
import { MappedText } from "../grammar/mapped_text.js";
import { textsOverSteps } from "../grammar/schedule.js";

const CHUNK = 75;
const COMMA_REACH = 20; // a chunk ends early at a comma that is at most so many positions back
const COMMA = ",</w>";
const AND = /(?<![\p{L}\p{N}_])AND(?![\p{L}\p{N}_])/gu;
const AND_WEIGHT = /^\s*[+-]?(?:\d+\.?|\d*\.\d+)\s*$/;
const TAG = /<[\p{L}\p{N}_]+:[^<>]*>/gu;

// { count, limit, borders }: the positions of the longest text that the prompt has at any step,
// what they are counted against, and where in the prompt each chunk but the first begins.
export function countTokens(prompt, tokenizer, steps = 20) {
  const clean = MappedText.join(MappedText.of(prompt).split(TAG)).trim();
  const texts = andParts(clean).flatMap((part) => textsOverSteps(part, steps));
  let longest = null;
  for (const text of texts) {
    const chunks = chunksOf(text, tokenizer);
    const count = CHUNK * (chunks.length - 1) + chunks.at(-1).length;
    if (!longest || count > longest.count) longest = { count, chunks };
  }
  const { count, chunks } = longest;
  const borders = chunks.slice(1).flatMap((chunk) => (chunk.length ? [chunk[0].at] : []));
  return { count, limit: CHUNK * Math.max(1, Math.ceil(count / CHUNK)), borders };
}

function andParts(prompt) {
  const parts = prompt.split(AND);
  return parts.length === 1 ? parts : parts.map(withoutWeight);
}

function withoutWeight(part) {
  const colon = part.text.lastIndexOf(":");
  const hasWeight = colon >= 0 && AND_WEIGHT.test(part.text.slice(colon + 1));
  return (hasWeight ? part.slice(0, colon) : part).trimEnd();
}

function chunksOf(text, tokenizer) {
  const { sections } = parseEmphasis(text);
  const words = sections.map((section) => section.flatMap((part) => tokensOf(part, tokenizer)));
  const last = words.pop();
  const chunks = words.flatMap(splitChunks);
  return last.length || !chunks.length ? [...chunks, ...splitChunks(last)] : chunks;
}

function tokensOf({ text }, tokenizer) {
  return tokenizer.tokens(text.text).map(({ token, from }) => ({ token, at: text.at[from] }));
}

function splitChunks(tokens) {
  const chunks = [[]];
  let end = 0; // of the part up to this chunk's last comma
  for (const token of tokens) {
    const isComma = token.token === COMMA;
    if (chunks.at(-1).length === CHUNK && !isComma && end > CHUNK - COMMA_REACH) {
      const chunk = chunks.pop();
      chunks.push(chunk.slice(0, end), chunk.slice(end));
      end = 0;
    }
    if (chunks.at(-1).length + 1 > CHUNK) {
      chunks.push([]);
      end = 0;
    }
    chunks.at(-1).push(token);
    if (isComma) end = chunks.at(-1).length;
  }
  return chunks;
}
