"""Owns the blobs, files of immutable bytes. Their names are random: no key ever becomes a path."""

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.store.disk_reserve import is_disk_full

_CHUNK: Final = 64 << 20
_BUFFER: Final = 1 << 20
_READ_ONLY: Final = 0o444
"""A hard link elsewhere is the same file."""


@dataclass(frozen=True)
class BlobSlice:
    """`size` bytes of a blob from `start` on."""

    name: str
    start: int
    size: int


@dataclass(frozen=True)
class BlobWriter:
    """A blob that is being written, unbuffered, up to the position `end` (None: any)."""

    name: str
    file: BinaryIO
    end: int | None = None

    def write(self, data: bytes) -> None:
        """Write every byte. Raises IncompleteBody beyond the end."""
        if self.end is not None and self.file.tell() + len(data) > self.end:
            raise S3Error("IncompleteBody")
        write_all(self.file, data)


class BlobStore:
    """A folder of files in 256 sub-folders; a file is complete and on the disk or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        for number in range(256):
            (self._folder / f"{number:02x}").mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """The absolute path of a file."""
        return self._folder / name[:2] / name

    @contextmanager
    def create(self) -> Iterator[BlobWriter]:
        """A new file for writing; flushed to the disk at the end, removed on an exception.

        Raises InsufficientStorage when the disk is full.
        """
        name = uuid.uuid4().hex
        try:
            with _refuse_full_disk(), self.path(name).open("xb", buffering=0) as file:
                yield BlobWriter(name, file)
                os.fchmod(file.fileno(), _READ_ONLY)
                os.fsync(file.fileno())
                self._sync_folder(name)
        except BaseException:
            self.remove(name)
            raise

    def create_empty(self, name: str) -> None:
        """A new empty file, to be written by `open`. Raises InsufficientStorage."""
        with _refuse_full_disk():
            self.path(name).open("wb").close()
            self._sync_folder(name)

    @contextmanager
    def open(self, name: str, start: int, size: int) -> Iterator[BlobWriter]:
        """A place in a file, for at most `size` bytes; flushed to the disk at the end.

        Raises InsufficientStorage, and FileNotFoundError.
        """
        with _refuse_full_disk(), self.path(name).open("r+b", buffering=0) as file:
            file.seek(start)
            yield BlobWriter(name, file, start + size)
            os.fsync(file.fileno())

    def cut(self, name: str, size: int) -> None:
        """End a file behind its first `size` bytes."""
        with self.path(name).open("r+b", buffering=0) as file:
            file.truncate(size)
            os.fsync(file.fileno())

    def seal(self, name: str) -> None:
        """Nothing more is written to a file."""
        self.path(name).chmod(_READ_ONLY)

    def _sync_folder(self, name: str) -> None:
        # POSIX: a new name is safe only when its folder was flushed as well.
        descriptor = os.open(self.path(name).parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def link(self, name: str) -> str:
        """Give the same bytes a second name: a hard link, or a copy where there are none."""
        new = uuid.uuid4().hex
        try:
            os.link(self.path(name), self.path(new))
        except FileNotFoundError:
            raise
        except OSError:
            return self._copy(name)
        self._sync_folder(new)
        return new

    def _copy(self, name: str) -> str:
        with self.create() as writer, self.path(name).open("rb", buffering=0) as source:
            while append(source, writer.file, _CHUNK):
                pass
        return writer.name

    def join(self, slices: Iterable[BlobSlice], target: BinaryIO) -> Iterator[int]:
        """Append slices to `target`; yields how far it is on the disk, every 64 MiB or so.

        Flushed as it goes: one flush of gigabytes at the end would be a long silence.
        """
        flushed = target.tell()
        for part in slices:
            with self.path(part.name).open("rb", buffering=0) as source:
                source.seek(part.start)
                end = part.start + part.size
                while append(source, target, min(_CHUNK, end - source.tell())):
                    if target.tell() - flushed >= _CHUNK:
                        os.fsync(target.fileno())
                        flushed = target.tell()
                        yield flushed

    def remove(self, name: str) -> None:
        """Delete a file; one that is not there is fine."""
        self.path(name).unlink(missing_ok=True)

    def remove_all(self, names: Iterable[str]) -> None:
        """Delete several files."""
        for name in names:
            self.remove(name)

    def shards(self) -> Iterator[tuple[str, set[str]]]:
        """The names present, a sub-folder at a time, by the two digits they share."""
        for folder in sorted(self._folder.iterdir()):
            yield folder.name, {entry.name for entry in os.scandir(folder)}


@contextmanager
def _refuse_full_disk() -> Iterator[None]:
    """Raises InsufficientStorage for what the system says of a full disk."""
    try:
        yield
    except BaseException as error:
        if is_disk_full(error):
            raise S3Error("InsufficientStorage") from error
        raise


def append(source: BinaryIO, target: BinaryIO, count: int) -> int:
    """Copy up to `count` bytes between unbuffered files from where each stands.

    Returns how many; 0 only at the source's end.
    """
    copy = _in_kernel if hasattr(os, "copy_file_range") else _by_reading
    return copy(source, target, count)


def _in_kernel(source: BinaryIO, target: BinaryIO, count: int) -> int:
    try:
        return os.copy_file_range(source.fileno(), target.fileno(), count)
    except OSError:  # not every file system has it; a real fault shows in the plain copy too
        return _by_reading(source, target, count)


def _by_reading(source: BinaryIO, target: BinaryIO, count: int) -> int:
    return write_all(target, source.read(min(count, _BUFFER)))


def write_all(target: BinaryIO, data: bytes) -> int:
    """Write every byte to an unbuffered file, whose `write` may stop early; how many."""
    written = 0
    while written < len(data):
        written += target.write(data[written:])
    return written
