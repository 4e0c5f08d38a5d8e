"""Finds a file's name in an answer, and makes it one that any system can hold."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from core.models.remote.http.client import Answer
from formats.limits import MAX_NAME

_EXTENDED: Final = re.compile(r"filename\*\s*=\s*([\w-]+)'[^']*'([^;\s]+)", re.IGNORECASE)
_QUOTED: Final = re.compile(r'filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_PLAIN: Final = re.compile(r"filename\s*=\s*([^;\s\"]+)", re.IGNORECASE)
_BAD: Final = re.compile(r'[:*?"<>|]')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names of devices on Windows."""


def file_name(answer: Answer, listed: str = "") -> str:
    """The name that a site gives a file; `listed` is the one of its API, empty for none.

    In this order: Content-Disposition (RFC 6266), the same in the address of signed storage, the
    API's, the end of the address that was asked. Empty where none of them can be a name.
    """
    first = answer.hops[0].url if answer.hops else answer.url
    candidates = (*_disposed(answer), listed, unquote(first.path.rpartition("/")[2]))
    return next(filter(None, map(safe_name, candidates)), "")


def _disposed(answer: Answer) -> Iterator[str]:
    for text in (
        answer.header("content-disposition"),
        answer.url.query.get("response-content-disposition", ""),
    ):
        if found := _EXTENDED.search(text):
            yield _decoded(found[1], found[2])
        if found := _QUOTED.search(text):
            yield _utf8(re.sub(r"\\(.)", r"\1", found[1]))
        elif found := _PLAIN.search(text):
            yield _utf8(found[1])


def _decoded(charset: str, text: str) -> str:
    """A name as RFC 5987 writes it."""
    try:
        return unquote(text, encoding=charset, errors="strict")
    except (LookupError, UnicodeError):
        return ""


def _utf8(text: str) -> str:
    """What was sent as UTF-8 and read as Latin-1, as headers are."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def safe_name(name: str) -> str:
    """The name without folders, control characters, and what Windows does not take; at most 128
    characters with its extension. Empty where nothing is left."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = _BAD.sub("_", name).strip().lstrip(".").strip(" .")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    suffix = PurePosixPath(name).suffix
    if len(name) > MAX_NAME and len(suffix) < MAX_NAME:
        name = name[: MAX_NAME - len(suffix)].rstrip(" .") + suffix
    return name[:MAX_NAME]
