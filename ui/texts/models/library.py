"""Texts of the page Models: the uploads, the list, one file, and the demo."""

from typing import Final

from core.models.uploads.records import Upload
from ui.texts.formatting import escape, file_size

# ---- the upload
PATHS: Final = "Paths of model files"
PATHS_PLACEHOLDER: Final = "/models/dreamer.safetensors\n/models/openpose.safetensors"
PATHS_HELP: Final = "Absolute paths on the machine the dashboard runs on, one on each line."
ARTISTS_ONLY: Final = "Your role may look at models. To upload one, ask an admin for another role."
KIND: Final = "Kind"
DETECT_KIND: Final = "Detect from the file"
REPLACE: Final = "Replace files of the same name"
REPLACE_HELP: Final = "Without it, another file of the same name is refused."
UPLOAD: Final = "Upload"
STOP: Final = "Stop"
STOP_HELP: Final = "Stop this upload"
CLEAR_UPLOADS: Final = "Clear finished uploads"

# ---- the list
FILTER: Final = "Filter"
FILTER_PLACEHOLDER: Final = "Part of a name or a family"
KIND_FILTER: Final = "Kind of file"
ALL_KINDS: Final = "All kinds"
REFRESH_HELP: Final = "Read the list from S3 again"
NO_MATCH: Final = "No file fits the filter."
EMPTY_TITLE: Final = "No model files yet"
EMPTY: Final = (
    "Give the path of a checkpoint above, a .safetensors file, and press Upload. "
    "Its kind is read from the file."
)

# ---- columns
COLUMN_NAME: Final = "Name"
COLUMN_KIND: Final = "Kind"
COLUMN_FAMILY: Final = "Family"
COLUMN_SIZE: Final = "Size"
COLUMN_CHANGED: Final = "Changed"
COLUMN_PROBLEM: Final = "Problem"

# ---- one file
DELETE_FILE: Final = "Delete this file"
DELETE_QUESTION: Final = "Delete this model file?"

# ---- the demo models
DEMO_TITLE: Final = "Demo models: what they are for"
DEMO_ABOUT: Final = (
    "Small models that draw in seconds on this computer's CPU, to try everything with. "
    "Upload a Stable Diffusion checkpoint of your own for serious pictures."
)
DEMO_RESTORE: Final = "Bring the demo back"
DEMO_RESTORED: Final = "The demo models are on their way; refresh the list in a moment."


def upload_progress(upload: Upload) -> str:
    """`dog.safetensors · uploading 120 MB of 2.1 GB, part 3 of 34`, in Markdown."""
    progress = file_size(upload.size or 0)
    if upload.active:
        progress = f"{file_size(upload.done)} of {progress}"
    if upload.parts:
        progress += f", part {upload.parts_done} of {upload.parts}"
    if upload.parts_skipped:
        progress += f", {upload.parts_skipped} there already"
    name = escape(upload.name)
    return f"**{name}** · {upload.kind.label} · {upload.stage} {escape(progress)}"


def file_address(key: str, sha256: str | None) -> str:
    """Where a file lies in S3, and its hash."""
    return f"{key} · sha256 {sha256 or 'known once it was used'}"


def deletion(name: str) -> str:
    """What deleting a model file does."""
    return f"{name} is removed from S3. Jobs that wait for it will fail."


def demo_model(name: str, kind: str, about: str) -> str:
    """An entry of the list of demo models, in Markdown."""
    return f"- **{name}** ({kind}): {about}"


def demo_restore_help(endpoint: str) -> str:
    """What bringing the demo back does."""
    return f"Uploads them again, and creates the endpoint {endpoint} if it is gone."
