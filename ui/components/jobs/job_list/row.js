// Makes a job's row in the list and its tile in the gallery.
import { badge, make, star, thumb, tick, titleOf } from "./elements.js";

function state(row) {
  const box = make("span", "state");
  box.append(badge(row));
  if (row.mark) box.append(make("span", "mark", row.mark));
  box.append(make("span", "doing", row.doing));
  if (row.share > 0) {
    const bar = make("progress", "");
    bar.max = 1;
    bar.value = row.share;
    box.append(bar);
  }
  return box;
}

function name(row) {
  const box = make("span", "name", `${row.time} → `);
  box.append(make("span", "id", row.id));
  return box;
}

function tags(row) {
  const box = make("span", "tags");
  for (const tag of row.tags ?? []) box.append(make("span", "mark", tag));
  return box;
}

function listWords(row) {
  const words = make("span", "words");
  words.append(name(row), make("span", "prompt", row.prompt), state(row));
  if (row.tags?.length) words.append(tags(row));
  return words;
}

function tileWords(row) {
  const words = make("span", "words");
  words.append(make("span", "prompt", row.prompt), badge(row));
  return words;
}

export function rowOf(row, { texts, chosen, isGallery }, on) {
  const box = make("div", "row");
  box.dataset.job = row.id;
  box.classList.toggle("chosen", row.id === chosen);
  const open = make("button", "open");
  open.type = "button";
  open.setAttribute("aria-current", row.id === chosen);
  if (isGallery) {
    open.title = titleOf(row);
    open.ariaLabel = [open.title, row.prompt, row.state].join(", ");
  }
  open.append(thumb(row), isGallery ? tileWords(row) : listWords(row));
  open.onclick = () => on.set("pick", row.id);
  box.append(tick(row, texts, on.toggle), open);
  if (row.starred !== undefined) box.append(star(row, texts, on.set));
  return box;
}
