// Ctrl+Up and Ctrl+Down: the weight of the selection, of the brackets around the caret, or of the
// word at it. The rules are those of A1111 (javascript/edit-attention.js of 1.10 with its default
// settings): steps of 0.1 for emphasis and of 0.05 for `<lora:...>`.
const STEP = { "(": 0.1, "<": 0.05 };
const EMPHASIS = 1.1;
const PAIRS = [
  ["<", ">"],
  ["(", ")"],
  ["[", "]"],
];
const DELIMITERS = new Set(".,\\/!?%^*;:{}=`~() \t\r\n");

// The text and the selection after the change: { text, from, to }; null where nothing is weighted.
export function changeWeight(text, from, to, isUp) {
  const chosen = from === to ? (innerBlock(text, from) ?? wordAt(text, from)) : { from, to };
  const weighted = withWeight(text, chosen);
  return weighted && stepped(weighted, isUp);
}

function innerBlock(text, caret) {
  for (const [open, close] of PAIRS) {
    const start = text.lastIndexOf(open, caret - 1);
    const end = text.indexOf(close, caret);
    if (caret === 0 || start < 0 || end < 0) continue;
    const isOutside = text.slice(start, caret).includes(close) || text.slice(caret, end).includes(open);
    if (isOutside) continue;
    const content = text.slice(start + 1, end);
    const hasWeight = /:-?[\d.]+/.test(content);
    return { from: start + 1, to: hasWeight ? start + 1 + content.lastIndexOf(":") : end };
  }
  return null;
}

function wordAt(text, caret) {
  let [from, to] = [caret, caret];
  while (from > 0 && !DELIMITERS.has(text[from - 1])) from--;
  while (to < text.length && !DELIMITERS.has(text[to])) to++;
  return { from, to };
}

// The chosen text as `(chosen:weight)`; old emphasis by brackets alone becomes a number.
function withWeight(text, { from, to }) {
  const before = text[from - 1] ?? "";
  const isOld = before === "(" ? text[to] === ")" : before === "[" && text[to] === "]";
  if (isOld) return fromBrackets(text, from, to, before);
  if (before === "(" || before === "<") return { text, from, to };
  while (to > from && text[to - 1] === " ") to--;
  return from === to ? null : wrapped(text, from, to, 0, "1.0");
}

function fromBrackets(text, from, to, bracket) {
  const close = text[to];
  let depth = 0;
  while (text[from - depth - 1] === bracket && text[to + depth] === close) depth++;
  const factor = (bracket === "[" ? 1 / EMPHASIS : EMPHASIS) ** depth;
  return wrapped(text, from, to, depth, Math.round(factor / STEP["("]) * STEP["("]);
}

function wrapped(text, from, to, depth, weight) {
  const [before, after] = [text.slice(0, from - depth), text.slice(to + depth)];
  const shift = 1 - depth;
  return {
    text: `${before}(${text.slice(from, to)}:${weight})${after}`,
    from: from + shift,
    to: to + shift,
  };
}

function stepped({ text, from, to }, isUp) {
  if (text[to] !== ":") return null;
  const open = text[from - 1];
  const end = text.indexOf(open === "<" ? ">" : ")", to + 1);
  const weight = end < 0 ? NaN : parseFloat(text.slice(to + 1, end));
  if (Number.isNaN(weight)) return null;
  const next = parseFloat((weight + (isUp ? 1 : -1) * (STEP[open] ?? STEP["("])).toPrecision(12));
  if (open !== "<" && next === 1) return unwrapped(text, from, to, end);
  const shown = Number.isInteger(next) ? `${next}.0` : String(next);
  return { text: text.slice(0, to + 1) + shown + text.slice(end), from, to };
}

function unwrapped(text, from, to, end) {
  const plain = text.slice(0, from - 1) + text.slice(from, to) + text.slice(end + 1);
  return { text: plain, from: from - 1, to: to - 1 };
}
