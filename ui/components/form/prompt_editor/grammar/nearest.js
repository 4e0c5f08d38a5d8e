// The known name that a mistyped one most likely means.

// The name with the fewest changed letters, without regard to case; "" where none is near: at
// most a third of the letters may differ.
export function nearestName(word, names) {
  const wanted = word.toLowerCase();
  let least = Math.floor(wanted.length / 3) + 1;
  let nearest = "";
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < least) [least, nearest] = [distance, name];
  }
  return nearest;
}

// Damerau's: letters changed, missing, added, or exchanged with their neighbour; row by row.
function editDistance(one, other) {
  let before = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let column = 1; column <= other.length; column++) {
      const changed = row[column - 1] + (one[at - 1] === other[column - 1] ? 0 : 1);
      const isSwap = one[at - 1] === other[column - 2] && one[at - 2] === other[column - 1];
      const swapped = isSwap ? before[column - 2] + 1 : Infinity;
      next.push(Math.min(changed, row[column] + 1, next[column - 1] + 1, swapped));
    }
    [before, row] = [row, next];
  }
  return row[other.length];
}
