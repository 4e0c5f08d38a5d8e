// Draws what stands in the prompt, and where its chunks begin.
import { marksOf } from "../grammar/marks.js";
import { Decoration, EditorView, StateEffect, StateField, WidgetType } from "../vendor/codemirror-6.js";

export const namesChanged = StateEffect.define();
export const bordersChanged = StateEffect.define();

// As extensions of the editor. `shared` has the known names and the texts.
export function promptMarks(shared) {
  const draw = (state) => Decoration.set(decorations(state.doc.toString(), shared), true);
  const marks = StateField.define({
    create: draw,
    update: (drawn, change) => {
      const isOther = change.effects.some((effect) => effect.is(namesChanged));
      return change.docChanged || isOther ? draw(change.state) : drawn;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
  return [marks, chunkBorders(shared)];
}

function decorations(text, { data }) {
  return marksOf(text, data.known)
    .filter(({ from, to }) => from < to)
    .map(({ from, to, kind, ...about }) => {
      const title = about.said ? messageOf(about, data.texts) : data.texts.kinds[kind];
      const attributes = title ? { title } : {};
      return Decoration.mark({ class: `cm-prompt-${kind}`, attributes }).range(from, to);
    });
}

// What is said of a part that is wrong, with the name that was most likely meant.
function messageOf({ said, name = "", near = "" }, texts) {
  const first = texts.said[said].replace("{name}", () => name);
  return near ? `${first} ${texts.near.replace("{name}", () => near)}` : first;
}

function chunkBorders({ data }) {
  return StateField.define({
    create: () => Decoration.none,
    update: (drawn, change) => {
      const found = change.effects.find((effect) => effect.is(bordersChanged));
      if (!found) return drawn.map(change.changes);
      const length = change.state.doc.length;
      const widgets = found.value.map((at, index) => {
        const widget = new Border(data.texts.chunk.replace("{number}", index + 2));
        return Decoration.widget({ widget, side: -1 }).range(Math.min(at, length));
      });
      return Decoration.set(widgets, true);
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

class Border extends WidgetType {
  constructor(title) {
    super();
    this.title = title;
  }

  eq(other) {
    return other.title === this.title;
  }

  toDOM() {
    const line = document.createElement("span");
    line.className = "cm-prompt-chunk";
    line.title = this.title;
    line.setAttribute("aria-hidden", "true");
    return line;
  }
}
