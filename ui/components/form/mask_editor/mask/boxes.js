// Boxes of whole image pixels: left, top, right and bottom, the last two outside.

// The smallest one around both; either may be null.
export function unionBox(a, b) {
  if (!a || !b) return a || b;
  return [...[0, 1].map((i) => Math.min(a[i], b[i])), ...[2, 3].map((i) => Math.max(a[i], b[i]))];
}

// Around points, with a margin on each side, within an image; null where nothing of it is inside.
export function boxAround(points, margin, width, height) {
  const xs = points.map(({ x }) => x), ys = points.map(({ y }) => y);
  const left = Math.max(0, Math.floor(Math.min(...xs) - margin));
  const top = Math.max(0, Math.floor(Math.min(...ys) - margin));
  const right = Math.min(width, Math.ceil(Math.max(...xs) + margin));
  const bottom = Math.min(height, Math.ceil(Math.max(...ys) + margin));
  return left < right && top < bottom ? [left, top, right, bottom] : null;
}
