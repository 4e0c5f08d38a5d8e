// A file that is dropped on the canvas goes to the page's upload field, which knows what to do.
export class FileDrop {
  constructor(editor) {
    this.editor = editor;
    const { stage } = editor.view;
    stage.addEventListener("dragover", (event) => this.over(event));
    stage.addEventListener("dragleave", () => { stage.dataset.drop = ""; });
    stage.addEventListener("drop", (event) => this.take(event));
  }

  over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // else the browser leaves the page and shows the file
    event.stopPropagation(); // what is dropped beside the canvas is read for its settings
    this.editor.view.stage.dataset.drop = "over";
  }

  take(event) {
    const { view, data } = this.editor, [file] = event.dataTransfer.files;
    view.stage.dataset.drop = "";
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    const input = data.upload && document.querySelector(data.upload);
    if (!input) return;
    const one = new DataTransfer();
    one.items.add(file);
    input.files = one.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
