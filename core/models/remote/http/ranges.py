"""Reads what an answer says of its length, its place in the file, and its version."""

import re
from email.utils import parsedate_to_datetime
from typing import Final

from core.errors import RemoteError
from core.models.remote.http.client import Answer
from core.texts import remote as texts
from formats.frozen import Frozen
from formats.keys import SHA256_PATTERN

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_UNSATISFIED: Final = re.compile(r"bytes \*/(\d{1,18})")
_STRONG_ETAG: Final = re.compile(r'"[\x21\x23-\x7e]{1,200}"')
_LONGEST_DATE: Final = 40
_SHA256: Final = re.compile(SHA256_PATTERN)


class Extent(Frozen):
    """Which bytes of the file an answer has; None where the site does not say."""

    start: int
    length: int | None
    total: int | None


def extent_of(answer: Answer, start: int = 0) -> Extent:
    """The part that an answer to a request from byte `start` on has.

    A 200 has the whole file, whatever was asked for. Raises RemoteError where the headers
    contradict the request or each other.
    """
    length = _length(answer)
    if answer.status == 200:
        return Extent(start=0, length=length, total=length)
    found = _CONTENT_RANGE.fullmatch(answer.header("content-range"))
    first, last = (int(found[1]), int(found[2])) if found else (-1, -1)
    total = int(found[3]) if found and found[3] != "*" else None
    size = last + 1 - first
    is_within = first <= last and (total is None or last < total)
    if not is_within or first != start or length not in (None, size):
        raise RemoteError(texts.wrong_range(answer.url.host))
    return Extent(start=first, length=size, total=total)


def unsatisfied_total(answer: Answer) -> int | None:
    """How long the file is, of an answer 416; None where the site does not say."""
    found = _UNSATISFIED.fullmatch(answer.header("content-range"))
    return int(found[1]) if found else None


def _length(answer: Answer) -> int | None:
    text = answer.header("content-length")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def version_of(answer: Answer) -> str:
    """What `If-Range` takes of the file's version: a strong ETag, else the time of its last change.

    Empty where the site tells neither, so that nothing can be resumed (RFC 9110, 13.1.5).
    """
    etag = answer.header("etag")
    if _STRONG_ETAG.fullmatch(etag):
        return etag
    changed = answer.header("last-modified")
    try:
        is_date = bool(changed) and parsedate_to_datetime(changed) is not None
    except ValueError:
        return ""
    return changed if is_date and len(changed) <= _LONGEST_DATE else ""


def sha256_of(answer: Answer) -> str | None:
    """What the site says that the bytes are: Hugging Face does, before it redirects to storage."""
    told = answer.told("x-linked-etag").strip('"').lower()
    return told if _SHA256.fullmatch(told) else None
