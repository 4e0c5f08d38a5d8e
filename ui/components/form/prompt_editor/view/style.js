// How the editor looks. It stands in the page itself, in the frame of Streamlit's text area, so
// that colours and letters are the page's; each of its own has a contrast of 4.5 to 1 in both themes.
const SHEET = `
.prompt-editor {
  min-height: 44px; overflow: hidden; resize: vertical; display: flex;
}
.prompt-editor .cm-editor { flex: 1; min-width: 0; background: transparent; color: inherit; }
.prompt-editor .cm-editor.cm-focused { outline: none; }
.prompt-editor .cm-scroller {
  font-family: inherit; font-size: 0.875rem; line-height: 1.5; overflow: auto;
}
.prompt-editor .cm-content { padding: 0.75rem 0; caret-color: currentColor; }
.prompt-editor .cm-line { padding: 0 0.75rem; }
.prompt-editor .cm-placeholder { color: light-dark(#66625b, #a19d94); }
.prompt-editor .cm-prompt-weight { color: light-dark(#7d4600, #e6b566); font-weight: 600; }
.prompt-editor .cm-prompt-schedule { color: light-dark(#5b3fa8, #bba9f2); font-weight: 600; }
.prompt-editor .cm-prompt-keyword { color: light-dark(#96275a, #f19ac3); font-weight: 700; }
.prompt-editor .cm-prompt-lora { color: light-dark(#1b6158, #6cc0b1); }
.prompt-editor .cm-prompt-embedding { color: light-dark(#1d5a8c, #8cc4f2); }
.prompt-editor .cm-prompt-wildcard { color: light-dark(#5f5200, #d6cc72); }
.prompt-editor .cm-prompt-dynamic { color: light-dark(#87421f, #f0a57a); font-weight: 600; }
.prompt-editor .cm-prompt-unknown {
  color: light-dark(#9c2a1b, #ff9f8f); text-decoration: underline wavy; text-underline-offset: 3px;
}
.prompt-editor .cm-prompt-wrong {
  color: light-dark(#9c2a1b, #ff9f8f); font-weight: 700; border-bottom: 2px solid;
}
.prompt-editor .cm-prompt-chunk {
  display: inline-block; height: 1.1em; margin: 0 3px; vertical-align: text-bottom;
  border-left: 2px dashed light-dark(#6e6a62, #a19d94);
}
.prompt-editor .cm-tooltip {
  border: 1px solid light-dark(#cfcac0, #4a4844); border-radius: 8px; overflow: hidden;
  background: light-dark(#ffffff, #2a2a28); color: light-dark(#22201d, #ebe8e2); z-index: 1000;
}
.prompt-editor .cm-tooltip.cm-tooltip-autocomplete > ul {
  font-family: inherit; font-size: 0.875rem; max-width: min(28rem, 90vw); max-height: 16rem;
}
.prompt-editor .cm-tooltip.cm-tooltip-autocomplete > ul > li {
  display: flex; gap: 1rem; justify-content: space-between; padding: 4px 10px;
}
.prompt-editor .cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected] {
  background: light-dark(#1f6f63, #2c8274); color: #ffffff;
}
.prompt-editor .cm-completionLabel { overflow: hidden; text-overflow: ellipsis; }
.prompt-editor .cm-completionDetail {
  font-style: normal; color: light-dark(#66625b, #b3aea4); white-space: nowrap; margin: 0;
}
.prompt-editor li[aria-selected] .cm-completionDetail { color: inherit; }
.prompt-bar {
  position: absolute; top: 0; right: 0; display: flex; gap: 0.75rem; align-items: center;
  font-size: 0.8125rem; line-height: 1.5rem; color: light-dark(#66625b, #a9a59c);
}
.prompt-tokens { font-variant-numeric: tabular-nums; min-width: 2.5rem; text-align: right; }
.prompt-recent {
  border: 0; padding: 0 0.25rem; min-height: 24px; background: none; font: inherit; color: inherit;
  cursor: pointer; border-radius: 4px;
}
.prompt-recent:hover { text-decoration: underline; }
.prompt-recent:focus-visible, .prompt-menu button:focus-visible {
  outline: 2px solid light-dark(#1f6f63, #6cc0b1); outline-offset: -2px;
}
.prompt-menu {
  position: absolute; top: 1.75rem; right: 0; z-index: 1000; width: min(30rem, 86vw);
  max-height: 20rem; overflow: auto; border-radius: 8px; padding: 4px;
  border: 1px solid light-dark(#cfcac0, #4a4844); box-shadow: 0 6px 24px rgb(0 0 0 / 18%);
  background: light-dark(#ffffff, #2a2a28); color: light-dark(#22201d, #ebe8e2);
}
.prompt-menu[hidden], .prompt-recent[hidden] { display: none; }
.prompt-menu button {
  display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden;
  width: 100%; border: 0; background: none; font: inherit; color: inherit; text-align: left;
  padding: 6px 8px; border-radius: 6px; cursor: pointer; min-height: 32px;
}
.prompt-menu button:hover, .prompt-menu button:focus {
  background: light-dark(#f2f0eb, #383632);
}
`;
let added = false;

// Once for the page. A constructed sheet needs no permission of the content security policy.
export function addStyle() {
  if (added) return;
  added = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
