"""Owns the model files on this machine's disk: named by hash, least recently used goes first."""

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

_log = logging.getLogger(__name__)

SHARE_OF_VOLUME: Final = 0.7
RESERVE_BYTES: Final = 256 * 2**20
"""Left free on the volume for everything else that lives there."""


class DiskCache:
    """Model files in one folder, named by their sha256. One container owns the folder.

    A file that was used in the current job is never evicted (see `begin_job`). `variant` names a
    rewritten form of files, which stands for the original where there is one.
    """

    def __init__(
        self, folder: Path, limit_bytes: int | None = None, variant: str = "original"
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._variant = variant
        self._limit = limit_bytes or int(shutil.disk_usage(folder).total * SHARE_OF_VOLUME)
        self._in_use: set[str] = set()
        self._known_path = folder / "known.json"
        self._known = _read_known(self._known_path)
        for leftover in folder.glob("*.part*"):
            leftover.unlink(missing_ok=True)

    def begin_job(self) -> None:
        """From here on, what the last job used may be evicted."""
        self._in_use.clear()

    def find(self, sha256: str, size: int) -> Path | None:
        """The file with these bytes, marked as used now; None where it isn't here.

        Its rewritten form, where there is one, has other bytes and another size.
        """
        variant = self._variant_path(sha256)
        if variant.is_file():
            self._use(variant)
            return variant
        path = self._folder / f"{sha256}.safetensors"
        if not path.is_file() or path.stat().st_size != size:
            return None
        self._use(path)
        return path

    def part(self) -> Path:
        """A path for a file that is still being written."""
        handle, name = tempfile.mkstemp(prefix="file-", suffix=".part", dir=self._folder)
        os.close(handle)
        return Path(name)

    def adopt(self, part: Path, sha256: str) -> Path:
        """Take a complete file in under its hash."""
        path = self._folder / f"{sha256}.safetensors"
        part.replace(path)
        self._use(path)
        return path

    def adopt_variant(self, part: Path, sha256: str) -> Path:
        """Take the rewritten form of a file in, which from now on stands for it."""
        path = self._variant_path(sha256)
        part.replace(path)
        self._use(path)
        self._drop(self._folder / f"{sha256}.safetensors")
        return path

    def _variant_path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}-{self._variant}.safetensors"

    def _drop(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        path.with_suffix(".used").unlink(missing_ok=True)

    def _use(self, path: Path) -> None:
        # A mark of its own: the model file may be a hard link, whose times are somebody else's.
        path.with_suffix(".used").touch()
        self._in_use.add(path.name)

    def make_room(self, size: int) -> None:
        """Evict until `size` more bytes fit. Raises JobError(DISK_FULL) when they can't."""
        if not self.evict_for(size):
            raise disk_full(size)

    def evict_for(self, size: int) -> bool:
        """Evict until `size` more bytes fit; False when they can't."""
        entries = sorted(self._folder.glob("*.safetensors"), key=_last_used)
        idle = [path for path in entries if path.name not in self._in_use]
        while not self._fits(size):
            if not idle:
                return False
            oldest = idle.pop(0)
            _log.info("event=evicted file=%s bytes=%d", oldest.name, oldest.stat().st_size)
            self._drop(oldest)
        return True

    def _fits(self, size: int) -> bool:
        used = sum(path.stat().st_size for path in self._folder.glob("*.safetensors"))
        free = shutil.disk_usage(self._folder).free
        return used + size <= self._limit and size + RESERVE_BYTES <= free

    def recall(self, key: str, etag: str) -> str | None:
        """The sha256 that was computed for this version of an object, if it was read before."""
        return self._known.get(f"{key} {etag}")

    def remember(self, key: str, etag: str, sha256: str) -> None:
        """Keep the computed sha256 of this version of an object."""
        self._known[f"{key} {etag}"] = sha256
        part = self.part()
        part.write_text(json.dumps(self._known))
        part.replace(self._known_path)


def _last_used(path: Path) -> int:
    mark = path.with_suffix(".used")
    return mark.stat().st_mtime_ns if mark.exists() else 0


def _read_known(path: Path) -> dict[str, str]:
    """The hashes that were computed before; where they can't be read, files are hashed anew."""
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        _log.warning("event=known_hashes_unreadable file=%s error=%r", path, str(error))
        return {}


def disk_full(size: int) -> JobError:
    """The refusal of a file of `size` bytes."""
    return JobError(
        ErrorCode.DISK_FULL,
        f"The instance has no room for another model file of {size / 2**20:,.0f} MB; choose an "
        "instance type with a larger disk, or fewer models in one job.",
    )


def is_full(error: OSError) -> bool:
    """Whether an error of the file system says that the volume is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
