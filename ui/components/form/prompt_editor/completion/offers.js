// What fits to the letters before the caret: LoRAs, embeddings, wildcards, styles and tags.
import { asWritten } from "./tags.js";

export const MOST = 20; // offers at a time
const LEAST = 2; // letters of a word before anything is offered
const OPEN_TAG = /<(?:l|lo|lor|lora|lyco|(?:lora|lyco):([^<>:]*))?$/i;
const WILDCARD = /__([\p{L}\p{N}_\-./]*)$/u;
const PHRASE = /[^,()[\]{}|<>:\n]*$/;
const WORD = /\S*$/;

// { length, options }: the letters that an offer replaces, and the offers, the best first.
export function findOffers(before, data, tags, isAsked = false) {
  const tag = before.match(OPEN_TAG);
  if (tag) return { length: tag[0].length, options: lorasOf(tag[1] ?? "", data) };
  const wildcard = before.match(WILDCARD);
  if (wildcard) return { length: wildcard[0].length, options: wildcardsOf(wildcard[1], data) };
  const phrase = before.match(PHRASE)[0].trimStart();
  const word = phrase.match(WORD)[0];
  for (const several of lastWords(phrase)) {
    const options = tagsOf(several, data, tags);
    if (options.length) return { length: several.length, options };
  }
  if (word.length < LEAST && !(isAsked && word)) return null;
  const named = [...embeddingsOf(word, data), ...stylesOf(word, data), ...lorasOf(word, data)];
  const options = [...named.slice(0, MOST / 2), ...tagsOf(word, data, tags)];
  return { length: word.length, options: options.slice(0, MOST) };
}

// The last three and two words before the caret: a tag may be typed with spaces.
function lastWords(phrase) {
  const starts = [...phrase.matchAll(/\S+/g)].map(({ index }) => index);
  return [3, 2].filter((words) => starts.length >= words).map((words) => phrase.slice(starts.at(-words)));
}

// Names that begin with what was typed come first, then those that have it inside.
function matching(items, typed, nameOf = (item) => item.name) {
  const wanted = typed.toLowerCase();
  const found = items.filter((item) => nameOf(item).toLowerCase().includes(wanted));
  const begins = (item) => nameOf(item).toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((item) => !begins(item))].slice(0, MOST);
}

const lorasOf = (typed, { loras, texts }) =>
  matching(loras, typed, ({ name, title }) => `${name} ${title}`).map(({ name, title, weight }) => ({
    label: name,
    detail: title === name ? texts.kinds.lora : `${texts.kinds.lora} · ${title}`,
    insert: `<lora:${name}:${weight}>`,
  }));

const embeddingsOf = (typed, { known, texts }) =>
  matching(known.embeddings, typed, (name) => name).map((name) => ({
    label: name,
    detail: texts.kinds.embedding,
    insert: name,
  }));

const wildcardsOf = (typed, { known, texts }) =>
  matching(known.wildcards ?? [], typed, (name) => name).map((name) => ({
    label: name,
    detail: texts.kinds.wildcard,
    insert: `__${name}__`,
  }));

const stylesOf = (typed, { styles, texts }) =>
  matching(styles, typed, (name) => name).map((name) => ({
    label: name,
    detail: texts.kinds.style,
    insert: "",
    style: name,
  }));

const tagsOf = (typed, { texts }, tags) =>
  (tags?.find(typed, MOST) ?? []).map(({ name, alias, count }) => ({
    label: alias ? `${alias} → ${name}` : name,
    detail: count ? `${texts.kinds.tag} · ${count}` : texts.kinds.tag,
    insert: asWritten(name),
    isPart: true,
  }));
