"""Lists keys in order by prefix, delimiter and page, without reading what is skipped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from local_aws.s3.records import ObjectRecord

RangeScan = Callable[[str, int], list[ObjectRecord]]
"""From a first key and a limit to at most that many objects from there on, in order."""

MAX_KEYS: Final = 1000


@dataclass(frozen=True)
class ListingPage:
    """Objects and common prefixes, each in order; `last` is the last of both when truncated."""

    objects: tuple[ObjectRecord, ...]
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


def list_page(scan: RangeScan, prefix: str, delimiter: str, after: str, limit: int) -> ListingPage:
    """The first `limit` keys and common prefixes after `after` (empty: from the start)."""
    objects: list[ObjectRecord] = []
    prefixes: list[str] = []
    last = ""
    for key, record in _entries(scan, prefix, delimiter, after, limit):
        if len(objects) + len(prefixes) == limit:
            return ListingPage(tuple(objects), tuple(prefixes), last, truncated=limit > 0)
        if record is None:
            prefixes.append(key)
        else:
            objects.append(record)
        last = key
    return ListingPage(tuple(objects), tuple(prefixes), last, truncated=False)


def _entries(
    scan: RangeScan, prefix: str, delimiter: str, after: str, limit: int
) -> Iterator[tuple[str, ObjectRecord | None]]:
    """Objects by key, and common prefixes with None; one seek skips the keys of a prefix."""
    position: str | None = _start(prefix, delimiter, after)
    size = limit + 1
    while position is not None:
        rows = scan(position, size)
        skipped = False
        for row in rows:
            if not row.key.startswith(prefix):
                return
            rolled_up = common_prefix(row.key, prefix, delimiter)
            yield (rolled_up, None) if rolled_up else (row.key, row)
            position = successor(rolled_up) if rolled_up else row.key + "\0"
            if rolled_up:
                skipped = True
                break
        if not skipped and len(rows) < size:
            return
        # Many prefixes in a row each need one key only, so read little right after a skip.
        size = 2 if skipped else min(size * 4, limit + 1)


def _start(prefix: str, delimiter: str, after: str) -> str | None:
    if after < prefix:
        return prefix
    if not after:
        return ""
    if after == common_prefix(after, prefix, delimiter):
        return successor(after)
    return after + "\0"


def scan_keys(scan: RangeScan, prefix: str) -> Iterator[str]:
    """Every key that starts with `prefix`, in order, a page at a time."""
    for key, _ in _entries(scan, prefix, "", "", MAX_KEYS):
        yield key
