// What several parts of the editor ask of key presses.
export const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

// The key was for the editor: neither the browser nor the page hears of it.
export function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}
