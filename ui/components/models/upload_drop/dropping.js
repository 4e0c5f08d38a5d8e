// Files dropped anywhere on the page, and the folders among them.
const OWN_FIELDS = "[data-testid=stFileUploaderDropzone]"; // Streamlit's fields take theirs

const SILENT = 700; // milliseconds; a browser tells of a drag that rests twice as often

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const isForAField = (event) =>
  event.composedPath().some((node) => node instanceof Element && node.matches(OWN_FIELDS));

// Calls `onFiles` with what is dropped, and shows the overlay meanwhile. Returns what ends it.
export function listenForDrops(overlay, onFiles) {
  let gone = 0;
  const handlers = {
    dragover(event) {
      clearTimeout(gone);
      if (!hasFiles(event) || isForAField(event)) return hide(overlay);
      show(overlay);
      gone = setTimeout(() => hide(overlay), SILENT);
      event.preventDefault(); // else the browser would open the file
      event.dataTransfer.dropEffect = "copy";
    },
    drop(event) {
      hide(overlay);
      if (!hasFiles(event) || isForAField(event)) return;
      event.preventDefault();
      droppedFiles(event.dataTransfer).then(onFiles);
    },
  };
  const entries = Object.entries(handlers);
  entries.forEach(([name, handler]) => document.addEventListener(name, handler));
  return () => entries.forEach(([name, handler]) => document.removeEventListener(name, handler));
}

// In the top layer, where no box of the page can cut it off.
const show = (overlay) => overlay.matches(":popover-open") || overlay.showPopover();
const hide = (overlay) => overlay.matches(":popover-open") && overlay.hidePopover();

// The entries must be asked for before the event is over.
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  return (await Promise.all(entries.filter(Boolean).map(filesBelow))).flat();
}

async function filesBelow(entry) {
  if (entry.isFile) return [await new Promise((take, fail) => entry.file(take, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((take, fail) => reader.readEntries(take, fail)); // 100 at a time
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesBelow))).flat();
}
