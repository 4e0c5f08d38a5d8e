"""Texts of dynamic prompts below the prompt boxes, and of the library of wildcard files."""

from typing import Final

# ---- what a template becomes
RANDOM: Final = "Random"
EVERY: Final = "All combinations"
WHICH: Final = "Which prompts"
COUNT: Final = "Prompts"
COUNT_HELP: Final = "Each prompt is a job of its own; all of them are one set with one sheet."
MOST: Final = "At most"
MOST_HELP: Final = "The first combinations, in the order of the choices; each is a job of its own."
WILDCARD_SEED: Final = "Wildcard seed"
WILDCARD_SEED_HELP: Final = (
    "What the choices come of, apart from the picture's seed; -1 is another one with each click. "
    "The same wildcard seed makes the same prompt. Further prompts count on from it."
)
ONE_SEED: Final = "Same picture seed in all"
ONE_SEED_HELP: Final = (
    "With a random seed of the picture, all prompts of the set get the same one; without this, "
    "each gets its own."
)
FIRST_ONES: Final = "What it becomes"
WITH_XYZ: Final = "Every cell of the plot gets the one prompt that this wildcard seed makes."
WITH_LINES: Final = "Each line chooses for itself."

# ---- the library
LIBRARY: Final = "Wildcard files"
LIBRARY_HELP: Final = (
    "Lists of values that prompts choose from: __name__ in a prompt is one of the values of the "
    "file of that name."
)
UPLOAD: Final = "Add files"
UPLOAD_FILES: Final = "Text, YAML or JSON files"
FOLDER: Final = "Folder"
FOLDER_HELP: Final = "Put before the files' names: with “animals”, birds.txt is __animals/birds__."
VISIBLE_TO_TEAM: Final = "Visible to the team"
KEEP_FILES: Final = "Add them"
NO_FILES: Final = "No wildcard files yet. Add some, or write one here."
FILE: Final = "File"
NEW_FILE: Final = "New file"
NAME: Final = "Name"
NAME_HELP: Final = "What stands between the underscores; “/” makes folders."
TEXT: Final = "Values"
TEXT_HELP: Final = (
    "One a line; # begins a comment line; 2::value has twice the weight. A value may have choices "
    "and wildcards of its own. YAML and JSON have names with lists below them."
)
FORMAT: Final = "Written as"
SAVE: Final = "Save"
DELETE: Final = "Delete"
UNDO: Final = "Undo"
VERSIONS: Final = "Former versions"
RESTORE: Final = "Restore"
TRASH: Final = "Trash"
TRASH_NOTE: Final = "Deleted files stay here for 30 days."
TAKE_OUT: Final = "Restore"
ONLY_LOOK: Final = "You may look at this file, but not change it."


def combinations(count: int, shown: int, *, is_exact: bool) -> str:
    """How many there are, and what of them stands below."""
    many = "1 combination" if count == 1 else f"{count:,} combinations"
    told = many if is_exact else f"{many} or more"
    return f"{told}; a click sends this one:" if shown == 1 else told


def first_ones(shown: int, asked: int) -> str:
    """The title of the list of prompts."""
    return FIRST_ONES if shown == asked else f"{FIRST_ONES}: the first {shown} of {asked}"


def is_wrong(message: str) -> str:
    """What can't be expanded, with its place."""
    return f":material/error: {message}"


def names(found: list[str], more: int) -> str:
    """How prompts name what is in a file."""
    rest = f" and {more:,} more" if more > 0 else ""
    return ", ".join(f"__{name}__" for name in found) + rest


def values(count: int) -> str:
    """How many values a file has."""
    return "1 value" if count == 1 else f"{count:,} values"


def version(number: int, when: str, who: str, count: int) -> str:
    """One former version."""
    by = f" by {who}" if who else ""
    return f"Version {number}, {when}{by}, {values(count)}"


def added(count: int) -> str:
    """After an upload."""
    return "1 file was added." if count == 1 else f"{count:,} files were added."


def not_added(name: str, why: str) -> str:
    """A file of an upload that was refused."""
    return f"{name}: {why}"


def deleted(name: str) -> str:
    """Above the list, with a button that undoes it."""
    return f"“{name}” is in the trash."


def saved(name: str) -> str:
    """After a file was saved."""
    return f"“{name}” was saved."
