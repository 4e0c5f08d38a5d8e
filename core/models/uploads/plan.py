"""Checks and hashes a model file before it is uploaded."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Final

from pydantic import ValidationError

from core.errors import InvalidInput, UploadCancelled
from core.models.uploads.roots import ANYWHERE, UploadRoots
from core.texts import models as texts
from formats.frozen import Frozen
from formats.generation.problems import field_problems
from formats.keys import model_key
from formats.models.detection import classify
from formats.models.kinds import EXTENSIONS, ModelKind, unsupported_reason
from formats.models.pickle_files import PickleError, check_pickle
from formats.models.safetensors_header import HeaderError, read_header

PART_BYTES: Final = 64 * 2**20
"""64 MiB x 4 in flight was at the network's limit in `bench/`; S3 takes 5 MiB to 5 GiB."""

MAX_PARTS: Final = 9_990
"""S3 takes 10,000; some are left for rounding."""

_READ: Final = 1 << 20
_MIB: Final = 1 << 20


class UploadFile(Frozen):
    """A checked file on disk, and the model that it becomes."""

    path: Path
    kind: ModelKind
    name: str
    size: int


class FilePart(Frozen):
    """One part of the file: `number` from 1, its place, and the base64 of its SHA-256."""

    number: int
    start: int
    size: int
    checksum: str


class FileDigest(Frozen):
    """The whole file's SHA-256 in hex, and its parts."""

    sha256: str
    parts: tuple[FilePart, ...]


class UploadProgress(Frozen):
    """How much of an upload is done, in bytes and in parts; those skipped were in S3 already."""

    stage: str
    done: int
    parts: int = 0
    parts_done: int = 0
    parts_skipped: int = 0


ReportProgress = Callable[[UploadProgress], None]


def check_file(path: str, kind: ModelKind | None, roots: UploadRoots = ANYWHERE) -> UploadFile:
    """Look at a file before anything is sent; `kind` None takes what its header says.

    Raises InvalidInput with `path` as the field: outside of the roots, no such file, a folder, a
    wrong extension, a broken file, or one of another kind than the chosen one.
    """
    try:
        return _check(Path(path).expanduser(), kind, roots)
    except InvalidInput as error:
        raise InvalidInput(str(error), path) from error
    except ValidationError as error:  # of the name
        raise InvalidInput(field_problems(error)[0].message, path) from error
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
    size = path.stat().st_size
    if not size:
        raise InvalidInput(texts.IS_EMPTY)
    found = _kind_of(path, kind)
    if reason := unsupported_reason(found, path.name):
        raise InvalidInput(reason)
    if path.suffix.lower() not in EXTENSIONS[found]:
        raise InvalidInput(_wrong_extension(path, found))
    if path.suffix.lower() != ".safetensors":
        _check_tensors_only(path)
    model_key(found, path.name)
    return UploadFile(path=path, kind=found, name=path.name, size=size)


def _kind_of(path: Path, chosen: ModelKind | None) -> ModelKind:
    if path.suffix.lower() != ".safetensors":
        if chosen is None:
            raise InvalidInput(_wrong_extension(path, None))
        return chosen
    try:
        with path.open("rb") as file:
            classification = classify(read_header(file, path.stat().st_size))
    except HeaderError as error:
        raise InvalidInput(str(error)) from error
    if classification.unsupported:
        raise InvalidInput(classification.unsupported)
    found = classification.kind
    if found is None and chosen is None:
        raise InvalidInput(texts.KIND_UNKNOWN)
    if found and chosen and found is not chosen:
        raise InvalidInput(texts.other_kind(found, chosen))
    return chosen or found or ModelKind.CHECKPOINT


def _check_tensors_only(path: Path) -> None:
    try:
        with path.open("rb") as file:
            check_pickle(file)
    except PickleError as error:
        raise InvalidInput(str(error)) from error


def _wrong_extension(path: Path, kind: ModelKind | None) -> str:
    if path.suffix.lower() == ".ckpt":
        return texts.IS_CKPT
    if kind is None:
        return texts.CHOOSE_KIND
    return texts.wrong_extension(kind, EXTENSIONS[kind])


def part_size(size: int) -> int:
    """Bytes of each part but the last: 64 MiB, more where 9,990 parts would not hold the file."""
    needed = -(-size // MAX_PARTS)
    return max(PART_BYTES, -(-needed // _MIB) * _MIB)


def hash_file(file: UploadFile, report: ReportProgress, stop: Event) -> FileDigest:
    """Hash the file and each part of it in one pass, in constant memory."""
    whole, parts, done = hashlib.sha256(), [], 0
    step = part_size(file.size)
    with file.path.open("rb") as opened:
        for number, start in enumerate(range(0, max(file.size, 1), step), 1):
            part = hashlib.sha256()
            for block in _blocks(opened.read, min(step, file.size - start), stop):
                whole.update(block)
                part.update(block)
                done += len(block)
                report(UploadProgress(stage="hashing", done=done))
            checksum = b64encode(part.digest()).decode()
            size = min(step, file.size - start)
            parts.append(FilePart(number=number, start=start, size=size, checksum=checksum))
    return FileDigest(sha256=whole.hexdigest(), parts=tuple(parts))


def _blocks(read: Callable[[int], bytes], size: int, stop: Event) -> Iterator[bytes]:
    while size > 0:
        if stop.is_set():
            raise UploadCancelled(texts.UPLOAD_CANCELLED)
        block = read(min(_READ, size))
        if not block:
            raise InvalidInput(texts.BECAME_SHORTER)
        size -= len(block)
        yield block
