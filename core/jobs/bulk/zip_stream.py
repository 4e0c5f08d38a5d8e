"""Writes a zip file as it is read: nothing of it is held but the part that was just written.

Python's own `zipfile` writes to what can't be sought, with the sizes behind each file (APPNOTE.TXT
4.3.9); packages for it bring a cipher library or the LGPL, and nothing that is needed here.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_FIRST_YEAR: Final = 1980


class ZipEntry(NamedTuple):
    """A file of the archive."""

    name: str
    modified: datetime
    chunks: Iterable[bytes]
    """Its bytes, read when its turn has come."""
    is_packed: bool = False
    """Whether it is deflated; an image is packed already."""


class _Sink:
    """A file that can only be written to, and is emptied by its reader."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """Take bytes."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is to be let go of."""

    def take(self) -> bytes:
        """What was written since the last call."""
        taken, self._parts = b"".join(self._parts), []
        return taken


def zip_chunks(entries: Iterable[ZipEntry]) -> Iterator[bytes]:
    """The bytes of the archive. What an entry's chunks raise comes through: a stream that ends in
    the middle is no zip file, so that nobody takes it for whole."""
    sink = _Sink()
    archive = ZipFile(sink, "w")
    for entry in entries:
        with archive.open(_info(entry), "w", force_zip64=True) as file:
            for chunk in entry.chunks:
                file.write(chunk)
                yield sink.take()
        yield sink.take()
    archive.close()
    yield sink.take()


def _info(entry: ZipEntry) -> ZipInfo:
    at = entry.modified
    info = ZipInfo(entry.name, (max(at.year, _FIRST_YEAR), *at.timetuple()[1:6]))
    info.compress_type = ZIP_DEFLATED if entry.is_packed else ZIP_STORED
    return info
