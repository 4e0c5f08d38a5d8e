"""Texts of the trash."""

from typing import Final

UNDO: Final = "Undo"
DISMISS: Final = "Dismiss"
RESTORE: Final = "Restore"
DELETE_NOW: Final = "Delete now"
DELETE_HELP: Final = "Removes the file from S3 for good"
QUESTION: Final = "Delete for good?"
ABOUT: Final = "Nobody can choose what is here, and jobs that name it are refused."


def title(count: int, size: str) -> str:
    """The head of the section."""
    return f"Trash: {count} model{'' if count == 1 else 's'}, {size}"


def moved(names: str) -> str:
    """Above the library, beside Undo; the names in Markdown."""
    return f"Moved to the trash: {names}"


def entry(name: str, kind: str, size: str, who: str, until: str) -> str:
    """One file of the trash, in Markdown."""
    by = f" by {who}" if who else ""
    return f"**{name}** · {kind} · {size}  \nput here{by}, kept until {until}"


def deletion(name: str) -> str:
    """What deleting for good does, in Markdown."""
    return f"{name} is removed from S3 for good. Nothing brings it back."


def in_use(jobs: int, forms: int) -> str:
    """What still asks for it; empty where nothing does."""
    told = []
    if jobs:
        told.append(f"{jobs} open job{'' if jobs == 1 else 's'}, which will fail")
    if forms:
        told.append(f"{forms} saved form{'' if forms == 1 else 's'}")
    return f"Still in use: {' and '.join(told)}." if told else ""
