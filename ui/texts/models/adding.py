"""Texts of the ways in: what is brought to the library, and how far each upload has come."""

from typing import Final

from core.models.uploads.records import Upload
from formats.models.kinds import ModelKind
from ui.texts.formatting import duration, file_size

TITLE: Final = "Add models"
ARTISTS_ONLY: Final = "Your role may look at models. To upload one, ask an admin for another role."
WAY: Final = "From"
PATH: Final = "Path"
URL: Final = "URL"
KIND: Final = "Kind"
DETECT_KIND: Final = "Detect from the file"

S3: Final = "S3 address"

# ---- by path
PATHS: Final = "Paths of model files"
PATHS_PLACEHOLDER: Final = "/models/dreamer.safetensors\n/models/loras/**/*.safetensors"
PATHS_HELP: Final = (
    "Absolute paths on the machine the dashboard runs on, one on each line: files, folders with "
    "all below them, or patterns. What is no model is left out, and listed."
)
UPLOAD: Final = "Upload"

# ---- from S3
S3_ADDRESS: Final = "Address in S3"
S3_PLACEHOLDER: Final = "s3://bucket/models/dreamer.safetensors"
S3_HELP: Final = (
    "Copied inside of AWS, past this computer. The studio's role must be able to read it."
)
COPY: Final = "Copy"

# ---- a name that is taken
TAKEN_TITLE: Final = "These names are taken"
REPLACE: Final = "Replace"
KEEP_BOTH: Final = "Keep both"
SKIP: Final = "Skip"
ANSWERS: Final = (KEEP_BOTH, REPLACE, SKIP)
"""The first loses nothing, and is chosen at first."""
NEW_NAME: Final = "Another name"
CONTINUE: Final = "Continue"
CANCEL_ALL: Final = "Upload nothing"

# ---- the queue
QUEUE: Final = "Uploads"
NO_UPLOADS: Final = "What is on its way stands here, whatever page you go to."
CLEAR_UPLOADS: Final = "Clear finished uploads"
ABANDONED: Final = (
    "Parts in S3 that no upload in the list goes on with. They cost storage, and are removed by "
    "themselves after 7 days."
)
REMOVE: Final = "Remove"
ASKS: Final = {
    "pause": "Pause",
    "resume": "Go on",
    "cancel": "Cancel, and remove what was sent",
    "retry": "Try again",
}
SOURCES: Final = {
    "path": "From a path",
    "browser": "From a browser",
    "url": "From the web",
    "s3": "From S3",
}


def kind(chosen: ModelKind | str) -> str:
    """An entry of the kinds' picker."""
    return chosen.label if isinstance(chosen, ModelKind) else chosen


def skipped(number: int) -> str:
    """The head of the list of files that were left out."""
    return f"{number} file{' was' if number == 1 else 's were'} left out"


def skipped_file(path: str, why: str) -> str:
    """One of them, in Markdown."""
    return f"- {path}: {why}"


def taken(name: str, kind: str, size: str, there: str, *, is_trashed: bool) -> str:
    """The question about one name, in Markdown."""
    where = "in the trash" if is_trashed else "in the library"
    own = f" of {size}" if size else ""
    return f"**{name}**{own}: a {kind} of this name and {there} is {where}."


def upload_detail(upload: Upload, owner: str) -> str:
    """`LoRA · 120 MB of 2.1 GB · 35 MB/s · 1 min 2 s left · Ann`."""
    parts = [upload.kind.label, _bytes(upload)]
    if upload.bytes_per_second:
        parts.append(f"{file_size(round(upload.bytes_per_second))}/s")
    if upload.seconds_left is not None:
        parts.append(f"{duration(upload.seconds_left)} left")
    if upload.parts_skipped:
        parts.append(f"{upload.parts_skipped} of {upload.parts} parts were there already")
    return " · ".join(filter(None, (*parts, owner)))


def _bytes(upload: Upload) -> str:
    whole = file_size(upload.size) if upload.size is not None else ""
    if not upload.active or not upload.done:
        return whole
    return f"{file_size(upload.done)} of {whole}" if whole else file_size(upload.done)


def abandoned(number: int) -> str:
    """The head of the list of what uploads left behind."""
    return f"{number} abandoned upload{'' if number == 1 else 's'}"


def abandoned_since(key: str, since: str) -> str:
    """One of them, in Markdown."""
    return f"{key}  \nbegun {since}"
