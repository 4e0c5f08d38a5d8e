"""Owns the blobs, files of immutable bytes. Their names are random: no key ever becomes a path."""

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.store.disk_reserve import is_disk_full

_CHUNK: Final = 64 << 20
_BUFFER: Final = 1 << 20


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
    def create(self) -> Iterator[tuple[str, BinaryIO]]:
        """A new file for writing; flushed to the disk at the end, removed on an exception.

        Raises InsufficientStorage when the disk is full.
        """
        name = uuid.uuid4().hex
        try:
            with self.path(name).open("xb", buffering=0) as file:
                yield name, file
                os.fchmod(file.fileno(), 0o444)  # a hard link elsewhere is the same file
                os.fsync(file.fileno())
            self._sync_folder(name)
        except BaseException as error:
            self.remove(name)
            if is_disk_full(error):
                raise S3Error("InsufficientStorage") from error
            raise

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
        with self.create() as (new, target), self.path(name).open("rb", buffering=0) as source:
            while append(source, target, _CHUNK):
                pass
        return new

    def join(self, names: Sequence[str], target: BinaryIO) -> Iterator[int]:
        """Append files to `target`; yields how many bytes are on the disk, every 64 MiB or so.

        Flushed as it goes: one flush of gigabytes at the end would be a long silence.
        """
        flushed = 0
        for name in names:
            with self.path(name).open("rb", buffering=0) as source:
                while append(source, target, _CHUNK):
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
