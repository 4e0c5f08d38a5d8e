"""Reads a file from a site as one stream: it resumes where a connection broke."""

import logging
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from core.errors import RemoteError
from core.models.remote.http.client import Answer, Query, WebClient
from core.models.remote.http.ranges import (
    Extent,
    extent_of,
    sha256_of,
    unsatisfied_total,
    version_of,
)
from core.models.remote.http.refusals import TokenHint, check_is_file, check_status
from core.texts import remote as texts

log = logging.getLogger(__name__)

MAX_TRIES: Final = 4
"""In a row that bring nothing; a block that comes begins the count anew."""

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 30.0
"""Seconds before another try: doubled each time, a random part of it taken off. Who is asked for
more by the site gives the stream up, and the caller may begin another one then."""


@dataclass(frozen=True)
class RemoteStream:
    """A file that comes; `is_from_start` is False where it begins at the byte asked for."""

    size: int | None
    """Of the whole file, in bytes; None where the site does not say."""
    etag: str
    """What `If-Range` takes of its version; empty where nothing can be resumed."""
    sha256: str | None
    """What the site says that the bytes are."""
    is_from_start: bool
    blocks: Generator[bytes]
    """Raises RemoteError where the file is shorter or longer than was said, is another one than
    before, or does not come."""


_GATHERED_BYTES: Final = 512 * 1024
_GATHERED_SECONDS: Final = 0.25
"""TLS brings 16 KB at a time, too little to hash, write and count each by itself. After so long
what was gathered is passed on at the latest."""

Sleep = Callable[[float], None]


class StreamOpener:
    """Opens streams; `sleep` waits between tries."""

    def __init__(self, client: WebClient, sleep: Sleep = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    @contextmanager
    def open(
        self, query: Query, hint: TokenHint | None, start: int, version: str, sha256: str | None
    ) -> Iterator[RemoteStream]:
        """The bytes from `start` on, where the site still has that version, else all of them.

        Raises RemoteError where the site refuses, after as many tries as may help.
        """
        with ExitStack() as opened:
            reader = _Reader(self._client, query, hint, self._sleep, opened)
            stream = reader.stream(start if version else 0, version, sha256)
            with closing(stream.blocks):
                yield stream


class _Reader:
    """One file's connections, one after the other."""

    def __init__(
        self,
        client: WebClient,
        query: Query,
        hint: TokenHint | None,
        sleep: Sleep,
        opened: ExitStack,
    ) -> None:
        self._client = client
        self._query = query
        self._hint = hint
        self._sleep = sleep
        self._opened = opened
        self._tries = 0

    def stream(self, start: int, version: str, sha256: str | None) -> RemoteStream:
        answer, extent = self._answer(start, version)
        told = version_of(answer)
        return RemoteStream(
            size=extent.total,
            etag=told,
            sha256=sha256 or sha256_of(answer),
            is_from_start=not extent.start,
            blocks=self._blocks(answer, extent, told),
        )

    def _blocks(self, answer: Answer, extent: Extent, version: str) -> Generator[bytes]:
        """All bytes to the end, over as many connections as it takes."""
        done, total = extent.start, extent.total
        while True:
            try:
                for block in _gathered(answer.blocks):
                    done += len(block)
                    self._check_not_longer(done, total)
                    self._tries = 0
                    yield block
                if total is None or done == total:
                    return
                raise RemoteError(texts.connection_lost(self._host), can_retry=True)
            except RemoteError as error:
                if not version:
                    raise
                self._wait(error)
            answer, extent = self._answer(done, version)
            if extent.start != done or extent.total != total:
                raise RemoteError(texts.changed_meanwhile(self._host), can_retry=True)

    @property
    def _host(self) -> str:
        return self._query.url.host

    def _check_not_longer(self, done: int, total: int | None) -> None:
        if total is not None and done > total:
            raise RemoteError(texts.lying_length(self._host, total, done))

    def _answer(self, start: int, version: str) -> tuple[Answer, Extent]:
        """The answer to a request from a byte on, after as many tries as may help."""
        while True:
            try:
                return self._ask(start, version)
            except RemoteError as error:
                self._wait(error)

    def _ask(self, start: int, version: str) -> tuple[Answer, Extent]:
        self._opened.close()
        query = self._query
        if start:
            query = Query(query.url, query.token, f"bytes={start}-", version)
        answer = self._opened.enter_context(self._client.get(query))
        if answer.status == 416 and unsatisfied_total(answer) == start:
            return replace(answer, blocks=iter(())), Extent(start=start, length=0, total=start)
        check_status(answer, self._hint)
        check_is_file(answer)
        return answer, extent_of(answer, start)

    def _wait(self, error: RemoteError) -> None:
        """Before another try. Raises the error where none can help."""
        self._tries += 1
        longest = min(_FIRST_WAIT * 2**self._tries, _LONGEST_WAIT)
        seconds = error.retry_after or longest * random.uniform(0.5, 1)  # noqa: S311 - a pause
        if not error.can_retry or self._tries >= MAX_TRIES or seconds > _LONGEST_WAIT:
            raise error
        log.info("event=import_retry host=%s try=%d seconds=%.1f", self._host, self._tries, seconds)
        self._sleep(seconds)


def _gathered(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in larger blocks; before an error what came until then."""
    waiting: list[bytes] = []
    count, since = 0, time.monotonic()
    try:
        for block in blocks:
            waiting.append(block)
            count += len(block)
            if count >= _GATHERED_BYTES or time.monotonic() - since >= _GATHERED_SECONDS:
                yield b"".join(waiting)
                waiting.clear()
                count, since = 0, time.monotonic()
    except RemoteError:
        if waiting:
            yield b"".join(waiting)
        raise
    if waiting:
        yield b"".join(waiting)
