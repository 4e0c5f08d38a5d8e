"""What is wrong with a tag list."""

from typing import Final

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
