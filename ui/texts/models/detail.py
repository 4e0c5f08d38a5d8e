"""Texts of one model: what is known about it, and what can be done with it."""

from collections.abc import Iterable
from typing import Final

DRAWER: Final = "Model"
GONE: Final = "This model is not in the library any more. It may be in the trash."
V_PREDICTION: Final = "v-pred"
ZERO_SNR: Final = "zero-terminal SNR"
OPEN_GENERATE: Final = "Open Generate"

# ---- trained words
WORDS: Final = "Trained words"
IN_PROMPT: Final = "In a prompt"
NOTHING_NEW: Final = "Generate's prompt has all of this already."

# ---- settings
SETTINGS: Final = "Recommended settings"
USE_SETTINGS: Final = "Use these settings"
USE_CHECKPOINT: Final = "Use this checkpoint"

# ---- facts
DESCRIPTION: Final = "Description"
ABOUT: Final = "About the file"
FILE: Final = "File"
KEY: Final = "Key in S3"
SIZE: Final = "Size"
FAMILY: Final = "Family"
PREDICTION: Final = "Prediction type"
FEW_STEP: Final = "Few steps"
OWNER: Final = "Owner"
ADDED: Final = "Added"
CHANGED: Final = "Changed"
USED: Final = "Used by"
FROM_FILE: Final = "the file"
SOURCE_PAGE: Final = "Open its page"
HASHES: Final = "Hashes"
SHA256: Final = "SHA-256"
AUTO_V1: Final = "AutoV1"
AUTO_V2: Final = "AutoV2"
AUTO_V3: Final = "AutoV3"
NO_HASHES: Final = "They are known once the file was read here."
JOBS: Final = "Jobs that used it"

# ---- the fields that people may fill, by their names
FIELDS: Final = {
    "title": "Title",
    "version": "Version",
    "base_model": "Base model",
    "trained_words": "Trained words",
    "negative_words": "Negative words",
    "weight": "Weight",
    "weight_min": "Least weight",
    "weight_max": "Most weight",
    "licence": "Licence",
    "source_url": "Source",
    "author": "Author",
    "tags": "Tags",
    "description": "Description",
    "notes": "Notes",
}
EDIT: Final = "Edit"
EDIT_HELP: Final = {
    "trained_words": "One on each line; a line may hold several words.",
    "tags": "With commas between them.",
    "source_url": "An https address.",
}
SETTINGS_FIELDS: Final = {
    "sampler": "Best sampler",
    "scheduler": "Best schedule type",
    "steps": "Best steps",
    "cfg_scale": "Best CFG scale",
    "clip_skip": "Best clip skip",
    "width": "Best width",
    "height": "Best height",
}
SAVE: Final = "Save"
SAVED: Final = "Saved."
NOT_HTTPS: Final = "The source must be an https address, for example https://example.org/model."

# ---- thumbnail, export, trash
THUMBNAIL: Final = "Thumbnail"
THUMBNAIL_ABOUT: Final = "The result of a job can become it too: see below its picture in Jobs."
THUMBNAIL_UPLOAD: Final = "A picture for its card"
THUMBNAIL_ALT: Final = "The model's picture"
REMOVE_THUMBNAIL: Final = "Remove the picture"
EXPORT: Final = "Save A1111's side-car"
EXPORT_HELP: Final = "A .json to lie beside the file in A1111's folder, with what is known here."
TRASH: Final = "Move to trash"
TRASH_IT: Final = "Move it to the trash"


def source(who: str) -> str:
    """Who said it, beside a field's value."""
    return f"from {who}"


def few_step(kind: str, source: str) -> str:
    """`Lightning, by its name`."""
    return f"{kind}, {source}"


def used_by(jobs: int, last: str) -> str:
    """How many jobs used it; `last` is when, empty where none did."""
    if not jobs:
        return "no job yet"
    return f"{jobs:,} job{'' if jobs == 1 else 's'}" + (f", last on {last}" if last else "")


def weights(weight: float | None, lowest: float | None, highest: float | None) -> str:
    """`0.8, from 0.5 to 1`; empty where nothing is said."""
    span = f"from {lowest:g} to {highest:g}" if None not in (lowest, highest) else ""
    best = "" if weight is None else f"{weight:g}"
    return ", ".join(filter(None, (best, span)))


def insert(tag: str) -> str:
    """The button; `tag` is what a LoRA adds to the words, in Markdown."""
    return f"Insert into prompt with {tag}" if tag else "Insert into prompt"


def inserted(added: Iterable[str]) -> str:
    """What was put into Generate's prompt, in Markdown."""
    told = ", ".join(added)
    return f"Now in Generate's prompt: {told}" if told else NOTHING_NEW


def settings_line(values: Iterable[tuple[str, str]]) -> str:
    """`Steps 30 · CFG scale 6`."""
    return " · ".join(f"{label} {value}" for label, value in values)


def settings_used(changes: Iterable[tuple[str, str, str]]) -> str:
    """What of Generate's form changed."""
    told = ", ".join(f"{label} {old} → {new}" for label, old, new in changes)
    return f"In Generate now: {told}" if told else "Generate has these settings already."


def trash_question(days: int) -> str:
    """What moving a model to the trash does."""
    return (
        f"It disappears from lists and forms and stays in the trash for {days} days, "
        "from where you can bring it back."
    )
