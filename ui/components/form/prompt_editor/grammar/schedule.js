// Prompts that change over the steps: `[a:b:0.5]` and `[a|b]`, as the container parses them
// (sagemaker_container/engine/prompt/schedule.py has the rules).
import { MappedText } from "./mapped_text.js";

const PART = /(?:[^\\[\]():|]|\\[^\n])+|[[\]():|]/gu;
const NUMBER = /^[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?$/;
const PAIRS = { ")": "(", "]": "[" };
const CLOSING = { "(": ")", "[": "]" };
const MAX_DEPTH = 64; // brackets in each other; the form refuses fewer, so that deeper is no schedule

// The prompt's nodes, and the marks of its changes; null where all of it is plain text.
// A node is a MappedText, { before, after, when } or { options }.
export function parseSchedule(prompt) {
  const state = { root: [], opened: [], marks: [] };
  let end = 0;
  for (const found of prompt.text.matchAll(PART)) {
    if (found.index !== end) break;
    end += found[0].length;
    if (!takePart(state, prompt.slice(found.index, end))) return null;
  }
  if (end !== prompt.text.length || !unparseOpen(state)) return null;
  return { nodes: state.root, marks: state.marks };
}

// False where nothing in the prompt is a change.
function takePart(state, part) {
  const { opened } = state;
  const mark = part.text;
  if (mark in CLOSING) {
    opened.push({ bracket: part, parts: [[]], separators: [] });
    return opened.length <= MAX_DEPTH;
  }
  if (mark in PAIRS) return closeLast(state, part);
  const last = opened.at(-1);
  if ((mark === ":" || mark === "|") && last) {
    last.separators.push(part);
    last.parts.push([]);
    return true;
  }
  if (mark === "|") return false;
  innermost(state).push(part);
  return true;
}

function closeLast(state, part) {
  const last = state.opened.at(-1);
  const nodes = last?.bracket.text === PAIRS[part.text] ? close(state, last, part) : null;
  if (nodes) {
    state.opened.pop();
    innermost(state).push(...nodes);
    return true;
  }
  if (!unparseOpen(state)) return false;
  state.root.push(part);
  return true;
}

const innermost = ({ opened, root }) => opened.at(-1)?.parts.at(-1) ?? root;

// The nodes that a pair of brackets means, or null if it means nothing.
function close(state, { bracket, parts, separators }, end) {
  const between = separators.map((each) => each.text).join("");
  if (!between || (bracket.text === "(" && between === ":"))
    return [...unparse({ bracket, parts, separators }), end];
  if (bracket.text === "(") return null;
  const node = /^\|+$/.test(between) ? { options: parts } : change(parts, between);
  if (node) state.marks.push(...[bracket, ...separators, end].map((each) => each.at[0]));
  return node && [node];
}

function change(parts, between) {
  const when = numberOf(parts.at(-1));
  if ((between !== ":" && between !== "::") || when === null) return null;
  return { before: between === "::" ? parts[0] : [], after: parts.at(-2), when };
}

function numberOf(nodes) {
  if (!nodes.every((node) => node instanceof MappedText)) return null;
  const text = MappedText.join(nodes).text.trim();
  return NUMBER.test(text) ? text : null;
}

function unparse({ bracket, parts, separators }) {
  return [bracket, ...parts[0], ...separators.flatMap((mark, index) => [mark, ...parts[index + 1]])];
}

// Open brackets become plain text; false if a `|` would become plain text too.
function unparseOpen(state) {
  for (const each of state.opened) {
    if (each.separators.some((mark) => mark.text === "|")) return false;
    state.root.push(...unparse(each));
  }
  state.opened.length = 0;
  return true;
}

// The different texts that a prompt has over so many steps.
export function textsOverSteps(prompt, steps) {
  const parsed = parseSchedule(prompt);
  if (!parsed) return [prompt];
  const ends = new Set([steps, ...changes(parsed.nodes, steps)].filter((step) => step >= 1));
  const texts = [...ends].sort((one, other) => one - other);
  return texts.map((step) => MappedText.join(textsAt(parsed.nodes, step, steps)));
}

function lastStepBefore({ when }, steps) {
  const step = when.includes(".") ? Number(when) * steps : Number(when);
  return Math.min(steps, Math.trunc(Math.max(-1, Math.min(step, steps))));
}

function* changes(nodes, steps) {
  for (const node of nodes) {
    if (node.options) yield* Array.from({ length: steps }, (_, index) => index + 1);
    if (!node.after) continue;
    yield lastStepBefore(node, steps);
    yield* changes([...node.before, ...node.after], steps);
  }
}

function textsAt(nodes, step, steps) {
  return nodes.flatMap((node) => {
    if (node instanceof MappedText) return [node];
    if (node.options) return textsAt(node.options[(step - 1) % node.options.length], step, steps);
    return textsAt(step <= lastStepBefore(node, steps) ? node.before : node.after, step, steps);
  });
}
