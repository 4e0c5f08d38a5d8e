"""Checks and hashes a model file before it is uploaded."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import ValidationError

from core.errors import InvalidInput
from core.models.uploads.planning.roots import ANYWHERE, UploadRoots
from core.models.uploads.sending.contents import check_ranges, check_tensors_only, has_header
from core.texts import models as texts
from formats.frozen import Frozen
from formats.generation.problems import field_problems
from formats.keys import model_key
from formats.models.kinds import ModelKind

PART_BYTES: Final = 64 * 2**20
"""64 MiB x 4 in flight was at the network's limit in `bench/`; S3 takes 5 MiB to 5 GiB."""

MAX_PARTS: Final = 9_990
"""S3 takes 10,000; some are left for rounding."""

_MIB: Final = 1 << 20


class UploadFile(Frozen):
    """A checked file on disk, and the model that it becomes."""

    path: Path
    kind: ModelKind
    name: str
    size: int
    modified: float = 0.0
    """Time of its last change in seconds since 1970; 0 where nobody else can write to it."""


def check_file(path: str, kind: ModelKind | None, roots: UploadRoots = ANYWHERE) -> UploadFile:
    """Look at a file before anything is sent; `kind` None takes what its header says.

    Raises InvalidInput with `path` as the field: outside of the roots, no such file, a folder, a
    wrong extension, a broken file, or one of another kind than the chosen one.
    """
    try:
        return _check(Path(path).expanduser(), kind, roots)
    except InvalidInput as error:
        raise InvalidInput(str(error), path) from error
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: `~` of an unknown user
        raise InvalidInput(texts.unusable_file(str(error)), path) from error


def _check(path: Path, kind: ModelKind | None, roots: UploadRoots) -> UploadFile:
    if not path.is_absolute():
        raise InvalidInput(texts.NOT_ABSOLUTE)
    roots.require(path)
    if path.is_dir():
        raise InvalidInput(texts.IS_FOLDER)
    if not path.is_file():
        raise InvalidInput(texts.NOT_REGULAR if path.exists() else texts.NO_FILE)
    with opened_plain(path) as file:
        found_on_disk = os.fstat(file.fileno())
        size = found_on_disk.st_size
        read = partial(os.pread, file.fileno())
        found = check_ranges(lambda start, count: read(count, start), path.name, size, kind)
        if not has_header(path.name):
            check_tensors_only(file)
    require_name(found, path.name)
    return UploadFile(
        path=path, kind=found, name=path.name, size=size, modified=found_on_disk.st_mtime
    )


def require_name(kind: ModelKind, name: str) -> None:
    """Raise InvalidInput for a name that no model can have."""
    try:
        model_key(kind, name)
    except ValidationError as error:
        raise InvalidInput(field_problems(error)[0].message, name) from error


@contextmanager
def opened_plain(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file, and never wait for a pipe. Raises InvalidInput, OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InvalidInput(texts.NOT_REGULAR)
        yield file


def part_size(size: int) -> int:
    """Bytes of each part but the last: 64 MiB, more where 9,990 parts would not hold the file."""
    needed = -(-size // MAX_PARTS)
    return max(PART_BYTES, -(-needed // _MIB) * _MIB)
