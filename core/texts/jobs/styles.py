"""Texts of styles and presets: names, versions, files of styles, what is gone."""

from typing import Final

NOTHING_IN_STYLE: Final = "Write a prompt or a negative prompt for the style."
NO_FIELDS: Final = "Tick at least one field for the preset."
PRESET_TOO_LARGE: Final = (
    "The ticked fields have too much text for a preset. Leave out the script or the prompt."
)


def bad_name(most: int) -> str:
    """Of a style or preset."""
    return f"Give a name of 1 to {most} characters that does not begin with #."


def note_too_long(most: int) -> str:
    """What somebody writes about one."""
    return f"A note has {most:,} characters at most."


def text_too_long(most: int) -> str:
    """A style's prompt or negative prompt."""
    return f"A style's text has {most:,} bytes at most."


def name_is_taken(kind: str, name: str) -> str:
    """Another one has it."""
    return f"There is a {kind} “{name}” already. Choose another name, or change that one."


def too_many(kind: str, most: int) -> str:
    """Of a team."""
    return f"The team has {most:,} {kind}s, which is the limit. Delete some first."


def too_many_files(most: int) -> str:
    """Of one import."""
    return f"{most} files of styles at once are the most."


def in_file(name: str, problem: str) -> str:
    """What is wrong with one of several files."""
    return f"{name}: {problem}"


def is_gone(kind: str) -> str:
    """It was deleted, or was never there."""
    return f"This {kind} was deleted meanwhile."


def changed_meanwhile(kind: str, name: str) -> str:
    """Somebody else saved it since it was opened."""
    return (
        f"The {kind} “{name}” was changed meanwhile; nothing was overwritten. "
        "Open it again and repeat your change."
    )


def style_is_gone(name: str) -> str:
    """A style that a form names."""
    return (
        f"The style “{name}” is not in the library any more. Take it out of the styles, or "
        "restore it in the library of styles."
    )


def no_such_version(number: int) -> str:
    """A version that was never there, or is not kept any more."""
    return f"Version {number} is not kept any more."
