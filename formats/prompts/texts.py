"""What a user reads of dynamic prompts that can't be expanded, and of tag lists."""

from typing import Final

NOT_CLOSED: Final = "this “{” is never closed: add a “}” behind its last choice"
VARIABLE_NOT_CLOSED: Final = "this “${” is never closed: add a “}”"
NO_VARIABLE_NAME: Final = "a variable is ${name}, ${name=value} or ${name=!value}"
BAR_IN_VARIABLE: Final = "choices of a variable stand in braces: ${name={a|b}}"
NO_WRAPPING: Final = "wrapping with %{…} is not offered: write the words out"
NO_SAMPLER: Final = "“!”, “~” and “@” before choices are not offered: leave it out"
TOO_DEEP: Final = "too much is nested here: give parts of it a wildcard file of their own"
TOO_MUCH_WORK: Final = "there is too much to choose from here: use shorter lists"
TOO_LONG: Final = "what becomes of this is longer than a prompt may be: choose fewer values"
NOTHING_TO_CHOOSE: Final = "every choice here has the weight 0: give one a larger weight"
TOO_MANY_STARS: Final = "a wildcard's name has up to 8 folders"

WILDCARD_EMPTY: Final = "this wildcard's file has no values"


def at_place(message: str, place: int, near: str, wildcard: str = "") -> str:
    """The message with where it is, counted from 1, and the text that begins there."""
    where = f"at character {place + 1}" + (f" of a value of __{wildcard}__" if wildcard else "")
    return f"“{near}” {where}: {message}." if near else f"{where}: {message}.".capitalize()


def no_wildcard(name: str, nearest: str) -> str:
    """A wildcard that there is no file of, and the one that may be meant."""
    hint = f"the nearest is __{nearest}__" if nearest else "add a file of that name"
    return f"there is no wildcard __{name}__: {hint}"


def no_variable(name: str) -> str:
    """A variable that was not given a value before."""
    return f"${{{name}}} has no value yet: write ${{{name}=…}} before it"


def refers_to_itself(chain: str) -> str:
    """A wildcard that stands in its own values."""
    return f"a wildcard can't stand in its own values: {chain}"


# ---- tag lists
TAGS_NOT_UTF8: Final = "The tag list is not in UTF-8. Save it as UTF-8 and try again."


def tags_too_large(most: int) -> str:
    """Bytes of a tag list."""
    return f"A tag list may have {most // 2**20} MB at most. Leave out the rarest tags."


def tags_unreadable(reason: str) -> str:
    """What the reader of CSV says."""
    return f"The tag list can't be read ({reason}). Save it as CSV and try again."


def number_of_tags(count: int, most: int) -> str:
    """Tags of one list."""
    if not count:
        return "There is no tag in the list. Write one on each line: name,type,count,aliases."
    return f"The list has {count:,} tags; {most:,} are the most. Leave out the rarest."


def bad_tag(line: int) -> str:
    """A count that is no number, or a name or aliases beyond their limit."""
    return (
        f"Line {line} of the tag list is no tag: write name,type,count and the aliases in quotes. "
        "The count is a whole number."
    )
