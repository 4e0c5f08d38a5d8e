"""Texts of what is done with many jobs at once."""

from typing import Final

NO_COLLECTIONS: Final = "There are no collections."
HAS_NOT_FAILED: Final = "It has not failed."
CHANGED_TOO_OFTEN: Final = "It was changed by others at the same time. Try again."


def too_many(most: int) -> str:
    """More jobs than one call takes."""
    return f"At most {most:,} jobs at once. Select fewer."


def too_many_tags(most: int) -> str:
    """More tags than a job has room for."""
    return f"A job has room for {most} tags."


def tag_too_long(most: int) -> str:
    """A tag with more characters than there is room for."""
    return f"A tag has at most {most} characters."
