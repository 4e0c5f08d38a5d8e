// The opacity of pixels as runs: values and lengths in turn. A mask is a few large areas, so that
// fifty steps of a large image take little memory.

export function runsOf(rgba) {
  const runs = [];
  let value = rgba[3], length = 0;
  for (let at = 3; at < rgba.length; at += 4) {
    if (rgba[at] === value) { length += 1; continue; }
    runs.push(value, length);
    value = rgba[at];
    length = 1;
  }
  runs.push(value, length);
  return Uint32Array.from(runs);
}

// Pixels of one colour with those opacities.
export function pixelsOf(runs, [red, green, blue], count) {
  const rgba = new Uint8ClampedArray(count * 4), words = new Uint32Array(rgba.buffer);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    rgba.set([red, green, blue, runs[i]], at * 4);
    words.fill(words[at], at, at + runs[i + 1]);
    at += runs[i + 1];
  }
  return rgba;
}

export function sameRuns(a, b) {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
