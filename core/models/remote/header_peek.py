"""Looks at the beginning of a file on a site: its length, version and safetensors header."""

from typing import Final

from core.errors import RemoteError
from core.models.remote.http.client import Answer, Query, WebClient
from core.models.remote.http.file_names import file_name
from core.models.remote.http.first_bytes import foreign_content
from core.models.remote.http.ranges import extent_of, sha256_of, unsatisfied_total, version_of
from core.models.remote.http.refusals import TokenHint, check_is_file, check_status
from core.texts import models as model_texts
from core.texts import remote as texts
from formats.frozen import Frozen
from formats.limits import MAX_HEADER_BYTES
from formats.models.safetensors_header import (
    PREFIX_BYTES,
    Header,
    HeaderError,
    header_size,
    parse_header,
)
from formats.texts import other_size

_FIRST_BYTES: Final = 512 * 1024
"""One ranged GET; SDXL's whole header has 320 KB."""


class Peek(Frozen):
    """What a site says of a file, and what the file's first bytes say."""

    name: str
    size: int | None
    version: str
    """For `If-Range`; empty where the site tells none."""
    sha256: str | None
    header: Header | None = None
    problem: str = ""


def peek(client: WebClient, query: Query, hint: TokenHint | None, listed: str = "") -> Peek:
    """One ranged request, or two for a long header; `listed` is the name that an API gives.

    A site that knows no ranges sends the whole file: its first bytes are read, and the connection
    is closed. Raises RemoteError where the site refuses, or answers with a page.
    """
    found, start = _read(client, query, hint, listed, _FIRST_BYTES)
    if found.problem or not found.name.lower().endswith(".safetensors"):
        return found
    try:
        size = header_size(start)
        if size > len(start) and size <= PREFIX_BYTES + MAX_HEADER_BYTES:
            found, start = _read(client, query, hint, listed, size)
        header = parse_header(start)
    except HeaderError as error:
        return found.model_copy(update={"problem": str(error)})
    problem = (
        ""
        if found.size in (None, header.file_size)
        else other_size(found.size or 0, header.file_size)
    )
    return found.model_copy(update={"header": header, "size": header.file_size, "problem": problem})


def _read(
    client: WebClient, query: Query, hint: TokenHint | None, listed: str, size: int
) -> tuple[Peek, bytes]:
    """What the headers say, and the first `size` bytes, or all where the file has fewer."""
    ranged = Query(url=query.url, token=query.token, range=f"bytes=0-{size - 1}")
    with client.get(ranged) as answer:
        if answer.status == 416 and unsatisfied_total(answer) in (0, None):
            return _peek(answer, listed, 0, model_texts.IS_EMPTY), b""
        check_status(answer, hint)
        check_is_file(answer)
        total = extent_of(answer).total
        _check_told_size(answer, total)
        start = answer.start(size)
        found = _peek(answer, listed, total, "")
    if not start:
        return found.model_copy(update={"problem": model_texts.IS_EMPTY}), b""
    return found.model_copy(update={"problem": foreign_content(start, found.name)}), start


def _peek(answer: Answer, listed: str, size: int | None, problem: str) -> Peek:
    return Peek(
        name=file_name(answer, listed),
        size=size,
        version=version_of(answer),
        sha256=sha256_of(answer),
        problem=problem,
    )


def _check_told_size(answer: Answer, total: int | None) -> None:
    """Hugging Face tells the size before it redirects; its storage must agree."""
    told = answer.told("x-linked-size")
    if told.isascii() and told.isdecimal() and total is not None and int(told) != total:
        raise RemoteError(texts.lying_length(answer.url.host, int(told), total))
