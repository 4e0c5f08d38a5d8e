"""Texts of the library of styles: the list, one style, files, the trash."""

from typing import Final

from ui.texts.formatting import escape

TITLE: Final = "Styles of the team"
SEARCH: Final = "Search"
SEARCH_PLACEHOLDER: Final = "Words of a name, a prompt, a note"
EMPTY: Final = (
    "No styles yet. Save the form's prompt as a style, or import a styles.csv of A1111, SwarmUI or "
    "InvokeAI below."
)
NOTHING_FOUND: Final = "No style has these words."
USE: Final = "Use"
USE_HELP: Final = "Adds it to the form's styles"
OPEN: Final = "Open"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"
BACK: Final = "All styles"
PREVIEW_ALT: Final = "What the style makes"

NAME: Final = "Name"
PROMPT: Final = "Prompt"
NEGATIVE: Final = "Negative prompt"
NOTE: Final = "Note"
SAVE: Final = "Save"
SAVED: Final = "Saved"
READ_ONLY: Final = "Its owner and operators change it. Save your own under another name."
DELETE: Final = "Delete"
SHARING: Final = "Who sees it"
SHARE: Final = "Save who sees it"

VERSIONS: Final = "Former versions"
RESTORE_VERSION: Final = "Restore"
JOBS: Final = "Jobs that used it"
NO_JOBS: Final = "No job that you may see used it."
USE_IMAGE: Final = "Use as its preview"

IMPORT: Final = "Import"
FILES: Final = "styles.csv, or JSON of InvokeAI; several at once"
ON_CHANGED: Final = "Styles that the library has with other words"
PLANNED_STATE: Final = "In the library"
PLANNED_OLD: Final = "Its prompt now"
PLANNED_NEW: Final = "Prompt in the file"
EXPORT: Final = "Export"
EXPORT_HELP: Final = "The styles found, as A1111's styles.csv"

UNDO: Final = "Undo"
RESTORE: Final = "Restore"


def count(shown: int, found: int) -> str:
    """Above the list."""
    return f"{found:,} style{'' if found == 1 else 's'}" + (
        f", {shown} shown" if shown < found else ""
    )


def entry(name: str, excerpt: str, owner: str) -> str:
    """One style of the list, in Markdown."""
    by = f" · {escape(owner)}" if owner else ""
    return f"**{escape(name)}**{by}  \n{escape(excerpt)}"


def about(owner: str, revision: int, changed: str, jobs: int) -> str:
    """Whose a style is, in Markdown."""
    told = [escape(owner)] if owner else []
    used = f"used by {jobs:,} job{'' if jobs == 1 else 's'}"
    return " · ".join([*told, f"version {revision}, {changed}", used])


def version(number: int, when: str, who: str) -> str:
    """A former version, in Markdown."""
    return f"**Version {number}**, {when}" + (f", {escape(who)}" if who else "")


def deleted(name: str) -> str:
    """Beside Undo, in Markdown."""
    return f"Moved to the trash: {escape(name)}"


def trash(number: int) -> str:
    """The head of the trash."""
    return f"Trash: {number:,} style{'' if number == 1 else 's'}"


def kept_until(name: str, until: str) -> str:
    """An entry of the trash, in Markdown."""
    return f"**{escape(name)}**, kept until {until}"


def plan(new: int, same: int, changed: int) -> str:
    """What an import finds."""
    return f"{new:,} new, {changed:,} with other words, {same:,} the same as in the library."


def import_it(number: int) -> str:
    """The button."""
    return f"Import {number:,} style{'' if number == 1 else 's'}"


def imported(added: int, replaced: int, left: int) -> str:
    """A toast."""
    return f"{added:,} added, {replaced:,} replaced, {left:,} left as they are"
