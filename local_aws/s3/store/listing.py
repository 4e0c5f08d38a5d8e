"""Walking keys in order: prefixes, delimiters and pages, without reading what is skipped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from local_aws.s3.records import StoredObject

Window = Callable[[str, int], list[StoredObject]]
"""Given a first key and a limit: that many objects from there on, in order."""

MAX_KEYS: Final = 1000


@dataclass(frozen=True)
class Page:
    """Objects and common prefixes, each in order; `last` is the last of both when truncated."""

    objects: tuple[StoredObject, ...]
    prefixes: tuple[str, ...]
    last: str
    truncated: bool


def successor(prefix: str) -> str | None:
    """The smallest string above every string that starts with `prefix`; None: there is none."""
    while prefix:
        code = ord(prefix[-1])
        if code < 0x10FFFF:
            # U+D800-DFFF are no characters, so U+D7FF is followed by U+E000.
            return prefix[:-1] + chr(0xE000 if code == 0xD7FF else code + 1)
        prefix = prefix[:-1]
    return None


def common_prefix(key: str, prefix: str, delimiter: str) -> str:
    """The key up to the first delimiter behind `prefix`, with it; empty when there is none."""
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return "" if end < 0 else key[: end + len(delimiter)]


def list_page(window: Window, prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """The first `limit` keys and common prefixes behind `after` (empty: from the start)."""
    objects: list[StoredObject] = []
    prefixes: list[str] = []
    last = ""
    for key, stored in _entries(window, prefix, delimiter, after, limit):
        if len(objects) + len(prefixes) == limit:
            return Page(tuple(objects), tuple(prefixes), last, truncated=limit > 0)
        if stored is None:
            prefixes.append(key)
        else:
            objects.append(stored)
        last = key
    return Page(tuple(objects), tuple(prefixes), last, truncated=False)


def _entries(
    window: Window, prefix: str, delimiter: str, after: str, limit: int
) -> Iterator[tuple[str, StoredObject | None]]:
    """Objects by key, and common prefixes with None; behind a prefix by one seek."""
    position: str | None = _start(prefix, delimiter, after)
    size = limit + 1
    while position is not None:
        rows = window(position, size)
        jumped = False
        for row in rows:
            if not row.key.startswith(prefix):
                return
            rolled = common_prefix(row.key, prefix, delimiter)
            yield (rolled, None) if rolled else (row.key, row)
            position = successor(rolled) if rolled else row.key + "\0"
            if rolled:
                jumped = True
                break
        if not jumped and len(rows) < size:
            return
        # Many prefixes in a row each need but one key, so read little right after a jump.
        size = 2 if jumped else min(size * 4, limit + 1)


def _start(prefix: str, delimiter: str, after: str) -> str | None:
    if after < prefix:
        return prefix
    if not after:
        return ""
    if after == common_prefix(after, prefix, delimiter):
        return successor(after)
    return after + "\0"


def all_keys(window: Window, prefix: str) -> Iterator[str]:
    """Every key that starts with `prefix`, in order, a page at a time."""
    for key, _ in _entries(window, prefix, "", "", MAX_KEYS):
        yield key
