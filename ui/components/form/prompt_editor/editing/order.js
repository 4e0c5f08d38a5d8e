// Alt+Left and Alt+Right: the parts between commas that are selected change places with their
// neighbour, as in A1111 (javascript/edit-order.js).

// The text and the selection after the move: { text, from, to }; null at the end of the prompt.
export function moveParts(text, from, to, isLeft) {
  const parts = text.split(",");
  const first = commasBefore(text, from);
  const last = commasBefore(text, to);
  if (isLeft ? first === 0 : last === parts.length - 1) return null;
  const moved = parts.splice(first, last - first + 1);
  const place = first + (isLeft ? -1 : 1);
  parts.splice(place, 0, ...moved);
  const start = parts.slice(0, place).join().length + (place ? 1 : 0);
  return { text: parts.join(), from: start, to: start + moved.join().length };
}

const commasBefore = (text, end) => text.slice(0, end).split(",").length - 1;
