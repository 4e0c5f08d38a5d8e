// How to work with the editor: in words for the eye, and in one sentence for a screen reader.
export const KEYS_IN_WORDS =
  "Tab goes from joint to joint, arrow keys move one, with Shift by 10 pixels. "
  + "Delete hides it, Enter opens its menu. Bracket keys turn the person, comma and full stop "
  + "scale it. Escape lets go.";
const GESTURES = [
  ["Drag a joint", "moves it; with the lock on, elbows and knees bend"],
  ["Drag a limb", "moves the person; with Alt or Shift, that limb alone"],
  ["Double click a joint", "hides or shows it"],
  ["Right click, long press", "opens a menu"],
  ["Corners and the round grip", "scale and turn the person; Shift turns by 15°"],
  ["Wheel, two fingers", "zoom; drag the ground or hold Space to move the view"],
  ["Tab, arrow keys", "choose a joint and move it, with Shift by 10 pixels"],
  ["Delete, Enter", "hide the joint, open its menu"],
  ["[ ] and , .", "turn and scale the person"],
  ["Ctrl+Z, Ctrl+Y", "undo and redo"],
  ["Drop a file", "a photo, an OpenPose map or a pose file"],
];

export function helpList() {
  return GESTURES.map(([what, does]) => `<div><dt>${what}</dt><dd>${does}</dd></div>`).join("");
}
