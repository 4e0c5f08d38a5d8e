// The line above the box: the number of tokens, and the menu of the prompts of before.
import { recentMenu } from "./recent_menu.js";

let made = 0; // lines on this page, for their ids

export class PromptBar {
  constructor(area, editor) {
    this.tokens = document.createElement("span");
    this.tokens.id = `prompt-tokens-${++made}`;
    this.tokens.className = "prompt-tokens";
    this.tokens.title = editor.shared.data.texts.tokensHelp;
    this.recent = recentMenu(editor);
    this.line = document.createElement("div");
    this.line.className = "prompt-bar";
    this.line.append(this.recent.button, this.tokens, this.recent.menu);
    area.closest(".stTextArea").append(this.line);
  }

  get id() {
    return this.tokens.id;
  }

  showCount({ count, limit }) {
    this.tokens.textContent = `${count}/${limit}`;
  }

  // Without prompts there is no menu to open.
  showRecent({ prompts }) {
    this.recent.button.hidden = !prompts.length;
  }

  remove() {
    this.line.remove();
  }
}
