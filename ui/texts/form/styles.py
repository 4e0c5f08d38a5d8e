"""Texts of styles in a form: the picker, saving one, what applying them comes to."""

from collections.abc import Sequence
from typing import Final

from ui.texts.formatting import escape

STYLES: Final = "Styles"
PLACEHOLDER: Final = "Choose styles"
NONE_YET: Final = "No styles yet: save one, or import a styles.csv"
HELP: Final = (
    "Put around the prompt when you generate, in this order. `{prompt}` in a style stands for your "
    "prompt; without it the style's words come behind yours."
)
APPLY: Final = "Apply"
APPLY_HELP: Final = "Writes the styles' words into both boxes and empties this list"
PREVIEW: Final = "Result"
PREVIEW_HELP: Final = "What is sent: both prompts with their styles"
SAVE: Final = "New style"
SAVE_HELP: Final = "Keeps what the two boxes hold as a style"
LIBRARY: Final = "Library"
LIBRARY_HELP: Final = "Search, change, import and export styles"

STYLED_PROMPT: Final = "Prompt"
STYLED_NEGATIVE: Final = "Negative prompt"
EMPTY: Final = "(empty)"

SAVE_TITLE: Final = "Save as a style"
NAME: Final = "Name"
PROMPT: Final = "Prompt"
NEGATIVE: Final = "Negative prompt"
TEXT_HELP: Final = "Write {prompt} where the prompt of the form belongs."
NOTE: Final = "Note"
VISIBLE_TO_TEAM: Final = "The team sees it"
SAVE_IT: Final = "Save the style"
REPLACE_IT: Final = "Replace the style"


def gone(names: Sequence[str]) -> str:
    """Chosen styles that are not in the library any more, in Markdown."""
    listed = ", ".join(f"“{escape(name)}”" for name in names)
    which = "This style is" if len(names) == 1 else "These styles are"
    return f"{which} not in the library any more: {listed}. Take it out here or restore it there."


def gone_label(name: str) -> str:
    """A chosen style that is gone."""
    return f"{name} (gone)"


def saved(name: str) -> str:
    """A toast."""
    return f"Saved the style “{escape(name)}”"


def exists(name: str) -> str:
    """Another style has the name that was typed; in Markdown."""
    return (
        f"There is a style “{escape(name)}” already: saving replaces it and keeps it as a version."
    )
