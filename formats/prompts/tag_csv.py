"""A tag list in the format of tag-autocomplete: `name,type,count,"aliases"`, without a header.

Source: DominikDoom/a1111-sd-webui-tagautocomplete, README, "CSV tag data". The type colours a tag
there and means nothing here; count and aliases may be missing.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from typing import Annotated, Final

from pydantic import Field, ValidationError

from formats.frozen import Frozen
from formats.limits import MAX_TAG_ALIASES, MAX_TAG_LIST_BYTES, MAX_TAG_NAME, MAX_TAGS
from formats.prompts import texts

_HEADERS: Final = ("name", "tag")


class Tag(Frozen):
    """A tag, how often it was used, and other words for it."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_TAG_NAME, pattern=r"^[^\t\r\n]+$")]
    count: Annotated[int, Field(ge=0)] = 0
    aliases: Annotated[str, Field(max_length=MAX_TAG_ALIASES, pattern=r"^[^\t\r\n]*$")] = ""
    """Between commas."""


def read_tags(data: bytes) -> tuple[Tag, ...]:
    """The tags of a file, the most used first; of two with one name the more used.

    Raises ValueError in words for what is no such file, and for one that is too large.
    """
    if len(data) > MAX_TAG_LIST_BYTES:
        raise ValueError(texts.tags_too_large(MAX_TAG_LIST_BYTES))
    try:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        tags = [tag for row in rows if (tag := _tag(row, rows.line_num))]
    except UnicodeDecodeError as error:
        raise ValueError(texts.TAGS_NOT_UTF8) from error
    except csv.Error as error:
        raise ValueError(texts.tags_unreadable(str(error))) from error
    found: dict[str, Tag] = {}
    for tag in sorted(tags, key=lambda tag: tag.count, reverse=True):
        found.setdefault(tag.name, tag)
    if not 1 <= len(found) <= MAX_TAGS:
        raise ValueError(texts.number_of_tags(len(found), MAX_TAGS))
    return tuple(found.values())


def _tag(row: Sequence[str], line: int) -> Tag | None:
    """The tag of a row; None for an empty one and for a header."""
    name, _, count, aliases = (cell.strip() for cell in [*row, "", "", "", ""][:4])
    if not name or (line == 1 and name.lower() in _HEADERS):
        return None
    try:
        others = ",".join(filter(None, (each.strip() for each in aliases.split(","))))
        return Tag(name=name, count=int(count or 0), aliases=others)
    except (ValueError, ValidationError) as error:
        raise ValueError(texts.bad_tag(line)) from error


def packed_tags(tags: Iterable[Tag]) -> bytes:
    """What a browser searches, gzipped: a line for each tag with tabs between what it is found by,
    its count, its aliases each behind a comma, and its name where that is written otherwise.

    The same tags give the same bytes.
    """
    return gzip.compress("".join(map(_line, tags)).encode(), mtime=0)


def _line(tag: Tag) -> str:
    key, aliases = (text.lower().replace(" ", "_") for text in (tag.name, tag.aliases))
    listed = f",{aliases}" if aliases else ""
    return f"{key}\t{tag.count}\t{listed}\t{'' if key == tag.name else tag.name}\n"
