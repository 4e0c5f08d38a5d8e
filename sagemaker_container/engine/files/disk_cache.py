"""The weights files on this machine's disk, named by their hash; least recently used goes first."""

import errno
import hashlib
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError
from sagemaker_container.texts import storage as texts

_log = logging.getLogger(__name__)

SHARE_OF_FREE: Final = 0.7
"""Of what is free at the start, with what the cache holds already."""
RESERVE_BYTES: Final = 256 * 2**20
"""Space on the volume that stays free for everything else."""


class DiskCache:
    """Files in one folder, named by their sha256. One container owns the folder.

    A file that the current job used is never evicted (see `begin_job`). `variant` names a
    converted form of files; where a file has one, it replaces the original.
    """

    def __init__(
        self, folder: Path, limit_bytes: int | None = None, variant: str = "original"
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._variant = variant
        self._in_use: set[str] = set()
        self._hashes_path = folder / "known.json"
        self._hashes = _read_hashes(self._hashes_path)
        for leftover in folder.glob("*.part*"):
            leftover.unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free + self._used_bytes()
        self.limit = limit_bytes or int(free * SHARE_OF_FREE)
        """Most that the files may take, in bytes."""

    def begin_job(self) -> None:
        """From now on, files that the last job used may be evicted."""
        self._in_use.clear()

    def find(self, sha256: str, size: int) -> Path | None:
        """The file with this hash, marked as used now; None if it isn't cached.

        If it was converted, the path is that of the converted file, which has another size.
        """
        variant = self._variant_path(sha256)
        if variant.is_file():
            self._mark_used(variant)
            return variant
        path = self._original_path(sha256)
        if not path.is_file() or path.stat().st_size != size:
            return None
        self._mark_used(path)
        return path

    def keep(self, path: Path) -> bool:
        """Whether a file that was found before is still there; it is marked as used now."""
        if path.is_file():
            self._mark_used(path)
            return True
        return False

    def hashes(self) -> tuple[str, ...]:
        """The hashes of all files, the most recently used first."""
        files = sorted(self._folder.glob("*.safetensors"), key=_last_used, reverse=True)
        return tuple(dict.fromkeys(path.stem.partition("-")[0] for path in files))

    def partial_path(self) -> Path:
        """A path for a file that is still being written."""
        handle, name = tempfile.mkstemp(prefix="file-", suffix=".part", dir=self._folder)
        os.close(handle)
        return Path(name)

    def add(self, partial: Path, sha256: str) -> Path:
        """Move a complete file into the cache, and return its new path."""
        path = self._original_path(sha256)
        partial.replace(path)
        self._mark_used(path)
        return path

    def replace_with_variant(self, partial: Path, sha256: str) -> Path:
        """Move a converted file into the cache in place of its original."""
        path = self._variant_path(sha256)
        partial.replace(path)
        self._mark_used(path)
        self._delete(self._original_path(sha256))
        return path

    def make_room(self, size: int) -> None:
        """Evict until `size` more bytes fit. Raises JobError(DISK_FULL) if they can't."""
        if not self.try_make_room(size):
            raise disk_full_error(size)

    def try_make_room(self, size: int) -> bool:
        """Evict until `size` more bytes fit. Returns False if they can't."""
        files = sorted(self._folder.glob("*.safetensors"), key=_last_used)
        unused = [path for path in files if path.name not in self._in_use]
        while not self._fits(size):
            if not unused:
                return False
            oldest = unused.pop(0)
            _log.info("event=evicted file=%s bytes=%d", oldest.name, oldest.stat().st_size)
            self._delete(oldest)
        return True

    def known_sha256(self, key: str, etag: str) -> str | None:
        """The sha256 that was computed before for this version of an S3 object."""
        return self._hashes.get(f"{key} {etag}")

    def remember_sha256(self, key: str, etag: str, sha256: str) -> None:
        """Store the computed sha256 of this version of an S3 object."""
        self._hashes[f"{key} {etag}"] = sha256
        partial = self.partial_path()
        partial.write_text(json.dumps(self._hashes))
        partial.replace(self._hashes_path)

    def _original_path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.safetensors"

    def _variant_path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}-{self._variant}.safetensors"

    def _delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_suffix(".used").unlink(missing_ok=True)

    def _mark_used(self, path: Path) -> None:
        # In a file of its own: the weights file may be a hard link, whose times aren't ours.
        path.with_suffix(".used").touch()
        self._in_use.add(path.name)

    def _used_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._folder.glob("*.safetensors"))

    def _fits(self, size: int) -> bool:
        free = shutil.disk_usage(self._folder).free
        return self._used_bytes() + size <= self.limit and size + RESERVE_BYTES <= free


def _last_used(path: Path) -> int:
    mark = path.with_suffix(".used")
    return mark.stat().st_mtime_ns if mark.exists() else 0


def _read_hashes(path: Path) -> dict[str, str]:
    """The hashes that were computed before. If they can't be read, files are hashed again."""
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        _log.warning("event=known_hashes_unreadable file=%s error=%r", path, str(error))
        return {}


def disk_full_error(size: int) -> JobError:
    """The error for a file of `size` bytes that has no room."""
    return JobError(ErrorCode.DISK_FULL, texts.disk_full(size))


def is_disk_full(error: OSError) -> bool:
    """Whether an error of the file system says that the volume is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
