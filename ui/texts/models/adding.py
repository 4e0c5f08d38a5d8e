"""Texts of the ways in: what is brought to the library, and how far each upload has come."""

from typing import Final

from core.models.uploads.queue import Upload
from formats.models.kinds import ModelKind
from ui.texts.formatting import escape, file_size

TITLE: Final = "Add models"
ARTISTS_ONLY: Final = "Your role may look at models. To upload one, ask an admin for another role."
WAY: Final = "From"
PATH: Final = "Path"
KIND: Final = "Kind"
DETECT_KIND: Final = "Detect from the file"

# ---- by path
PATHS: Final = "Paths of model files"
PATHS_PLACEHOLDER: Final = "/models/dreamer.safetensors\n/models/openpose.safetensors"
PATHS_HELP: Final = "Absolute paths on the machine the dashboard runs on, one on each line."
REPLACE: Final = "Replace files of the same name"
REPLACE_HELP: Final = "Without it, another file of the same name is refused."
UPLOAD: Final = "Upload"

# ---- the queue
STOP: Final = "Stop"
STOP_HELP: Final = "Stop this upload"
CLEAR_UPLOADS: Final = "Clear finished uploads"


def kind(chosen: ModelKind | str) -> str:
    """An entry of the kinds' picker."""
    return chosen.label if isinstance(chosen, ModelKind) else chosen


def upload_progress(upload: Upload) -> str:
    """`dog.safetensors · uploading 120 MB of 2.1 GB, part 3 of 34`, in Markdown."""
    progress = file_size(upload.size)
    if upload.active:
        progress = f"{file_size(upload.done)} of {progress}"
    if upload.parts:
        progress += f", part {upload.parts_done} of {upload.parts}"
    if upload.parts_skipped:
        progress += f", {upload.parts_skipped} there already"
    name = escape(upload.name)
    return f"**{name}** · {upload.kind.label} · {upload.stage} {escape(progress)}"
