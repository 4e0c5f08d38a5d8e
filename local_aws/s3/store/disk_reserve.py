"""Owns what is kept free of the disk, so that a full one can be emptied through the store."""

import errno
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

_SIZES: Final = tuple(size << 20 for size in (4, 2, 1))  # the largest that fits
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT}

T = TypeVar("T")


def is_disk_full(error: BaseException) -> bool:
    """Whether an error of a file or of SQLite means that the disk is full."""
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in _DISK_FULL


class DiskReserve:
    """A file of up to 4 MiB that gives way to what frees more: a delete, or a start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def release(self) -> None:
        """Free the space."""
        self._path.unlink(missing_ok=True)

    def allocate(self) -> None:
        """Take the space again, unless the disk is full."""
        with self._lock:
            if self._path.exists():
                return
            any(self._has_taken(size) for size in _SIZES)

    def _has_taken(self, size: int) -> bool:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _fill(handle, size)
            finally:
                os.close(handle)
        except OSError as error:
            self.release()
            if not is_disk_full(error):
                raise
            return False
        return True

    def retry(self, delete: Callable[[], T], full: Callable[[BaseException], bool]) -> T:
        """Run `delete`, once more on the reserve when it fails with an error that is `full`."""
        try:
            return delete()
        except Exception as error:
            if not full(error):
                raise
        self.release()
        try:
            return delete()
        finally:
            self.allocate()


def _fill(handle: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:
        os.write(handle, bytes(size))
        os.fsync(handle)
