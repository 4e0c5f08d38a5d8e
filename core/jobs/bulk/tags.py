"""Adds tags to a job and takes others off it."""

from collections.abc import Iterable
from typing import Final

from core.errors import InvalidInput
from core.texts.jobs import bulk as texts

MAX_TAGS: Final = 30
"""Of one job."""
MAX_TAG: Final = 60
"""Characters of a tag."""


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, without the spaces around it. Raises InvalidInput for a long one."""
    found = tuple(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
    if any(len(tag) > MAX_TAG for tag in found):
        raise InvalidInput(texts.tag_too_long(MAX_TAG), "tags")
    return found


def edited_tags(
    tags: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()
) -> tuple[str, ...]:
    """The tags with some more and without others, each once in any case, as it was written first.

    Raises InvalidInput for too many.
    """
    left_out = {tag.casefold() for tag in remove}
    kept: dict[str, str] = {}
    for tag in (*tags, *add):
        kept.setdefault(tag.casefold(), tag)
    found = tuple(tag for key, tag in kept.items() if key not in left_out)
    if len(found) > MAX_TAGS:
        raise InvalidInput(texts.too_many_tags(MAX_TAGS), "tags")
    return found
