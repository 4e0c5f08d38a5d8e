"""Texts of presets of the whole form."""

from collections.abc import Mapping, Sequence
from typing import Final

from ui.texts.formatting import escape

PRESETS: Final = "Presets"
PRESETS_HELP: Final = "Keep fields of this form under a name, and bring them back"
TITLE: Final = "Presets of the form"
USE: Final = "Use one"
SAVE_NEW: Final = "Save a new one"

CHOOSE: Final = "Preset"
NONE_YET: Final = "No presets yet. Save the form's fields as one."
NOTHING_CHANGES: Final = "The form has all of this already."
APPLY: Final = "Apply"
CHANGE: Final = "Change this preset"
RENAME: Final = "Save name and note"
REPLACE: Final = "Replace its fields by the form's"
DELETE: Final = "Delete"
UNDO: Final = "Undo"

NAME: Final = "Name"
NOTE: Final = "Note"
FIELDS: Final = "Fields"
IMAGES_STAY: Final = (
    "Pictures and poses are no part of it: the pose library and each job keep them."
)
VISIBLE_TO_TEAM: Final = "The team sees it"
SAVE: Final = "Save the preset"
EMPTY: Final = "(empty)"
ON: Final = "on"
OFF: Final = "off"

PARTS: Final[Mapping[str, str]] = {
    "endpoint": "Endpoint",
    "mode": "Mode",
    "checkpoints": "Checkpoints",
    "vae": "VAE",
    "loras": "LoRAs",
    "lora_weights": "LoRA weights",
    "styles": "Styles",
    "with_hires": "Hires. fix",
    "hires": "Hires. fix",
    "inpaint": "Inpaint",
    "upscale": "Upscale",
    "brush": "Brush",
    "units": "ControlNet units",
    "script": "Script",
    "dynamic": "Dynamic prompts",
}
"""Fields of the form that are no parameters."""


def unnamed(field: str) -> str:
    """A field without a label of its own."""
    return field.replace("_", " ").capitalize()


def in_group(group: str, field: str) -> str:
    """A field of a group, such as the scale of hires fix."""
    return f"{group}: {field.replace('_', ' ')}"


def units(models: Sequence[str]) -> str:
    """ControlNet units, by their models."""
    count = f"{len(models)} unit{'' if len(models) == 1 else 's'}"
    named = ", ".join(filter(None, models))
    return f"{count} ({named})" if named else count


def other_settings(units: str) -> str:
    """Units with the same models, which differ in something else."""
    return f"{units}, other settings"


def change(label: str, old: str, new: str) -> str:
    """A tick of what a preset changes, in Markdown."""
    return f"**{escape(label)}**: {escape(old or EMPTY)} → {escape(new or EMPTY)}"


def missing(names: Sequence[str]) -> str:
    """Models that a preset names and the library has not, in Markdown."""
    listed = ", ".join(escape(name) for name in names)
    return f"Not in the library of models: {listed}. These fields stay as they are unless ticked."


def about(owner: str, note: str) -> str:
    """Below the chosen preset, in Markdown."""
    return "  \n".join(filter(None, (escape(note), escape(owner))))


def applied(name: str) -> str:
    """A toast."""
    return f"Applied “{escape(name)}”"


def saved(name: str) -> str:
    """A toast."""
    return f"Saved the preset “{escape(name)}”"


def deleted(name: str) -> str:
    """Beside Undo, in Markdown."""
    return f"Moved to the trash: {escape(name)}"
