"""Texts of the settings that are read from an image or a text into the form."""

from typing import Final

READ: Final = "Read settings from an image or text"
READ_HELP: Final = "Or drop or paste it anywhere on this page. Nothing changes before you apply it."
DROP: Final = "Drop to read its settings"
FILES: Final = "Images or texts"
TITLE: Final = "Read settings"
TEXT: Final = "Infotext"
TEXT_HELP: Final = "The parameters that A1111 writes into an image, as PNG Info shows them."
PLACEHOLDER: Final = (
    "a harbour at dawn\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, Seed: 1"
)
TAKE_TEXT: Final = "Read the text"
PASTED: Final = "the pasted text"
EMPTY: Final = "Paste an infotext, or choose an image that has one."
TOO_LONG: Final = "This text is too long for an infotext."
NO_TEXT_FILE: Final = "This is no text file: save it as UTF-8."
NO_INFOTEXT: Final = (
    "This image has no infotext: it is lost where a site or a chat saves the image anew. The image "
    "itself can be used instead."
)
USE_START: Final = "Start from it (img2img)"
NOTHING_NEW: Final = "The form has all of this already."
DIFFERENCES: Final = "What they differ in"
CHOOSE: Final = "Take the settings of"
ENTRY: Final = "Entry"
TICK_ALL: Final = "Tick all"
UNTICK_ALL: Final = "Untick all"
CANCEL: Final = "Cancel"
UNMET: Final = "Not taken as it stands"
LACKING: Final = "Models that your library lacks"
GO_TO_MODELS: Final = "Bring them in on the page Models"
ON_CONTROLNET: Final = "Go on with it on ControlNet, with its units"
UNDO: Final = "Undo"
DISMISS: Final = "Keep it"
UNIT_ENTRY: Final = "ControlNet "
"""How an infotext's entry of a unit begins."""
PROMPT: Final = "Prompt"
NEGATIVE_PROMPT: Final = "Negative prompt"
ON: Final = "on"
OFF: Final = "off"
NONE: Final = "none"


def refused(names: str) -> str:
    """Files that were dropped and are no images or texts; `names` is Markdown."""
    return f"These are no images or texts of up to 32 MB: {names}"


def unit_image(number: int) -> str:
    """The button that gives an image to a ControlNet unit, counting from 1."""
    return f"Use it for ControlNet unit {number}"


def of_file(name: str) -> str:
    """Whose settings are shown; `name` is Markdown."""
    return f"From **{name}**"


def apply(count: int) -> str:
    """The button that changes the form."""
    return f"Apply {count}"


def applied(count: int, name: str) -> str:
    """What was changed, beside the button that undoes it; `name` is Markdown."""
    settings = "1 setting was" if count == 1 else f"{count} settings were"
    return f"{settings} read from {name}."


def change(old: str, new: str) -> str:
    """A change beside its label; all of it is Markdown."""
    return f"{old} → **{new}**"


def long_change(old: str, new: str) -> str:
    """The same below its label."""
    return f"{old}  \n→ {new}"


def unmet(name: str, value: str, reason: str) -> str:
    """An entry that is not taken as it stands; all of it is Markdown."""
    return f"- **{name}**{': ' + value if value else ''}. {reason}"


def unit(model: str, preprocessor: str, weight: float, start: float, end: float) -> str:
    """A ControlNet unit in one line."""
    return f"{model}, {preprocessor}, weight {weight:g}, {start:g} to {end:g}"
