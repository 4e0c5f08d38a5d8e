"""A stretch of a file on disk as a stream of its own, for one part."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast


class FileSlice:
    """`size` bytes from `start` on; places are counted from `start`. Several may share a file."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._size = size
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        left = self._size - self._at
        data = os.pread(self._descriptor, left if size < 0 else min(size, left), self._place)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; the place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    @property
    def _place(self) -> int:
        return self._start + self._at


@contextmanager
def opened_slice(path: Path, start: int, size: int) -> Iterator[IO[bytes]]:
    """Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield cast("IO[bytes]", FileSlice(descriptor, start, size))
    finally:
        os.close(descriptor)
