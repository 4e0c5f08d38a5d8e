"""Checks what a model file holds where it can't be opened by its path: its header, or all of it."""

import hashlib
from collections.abc import Callable
from pathlib import PurePath
from typing import IO, BinaryIO, Final, cast

from core.errors import InvalidInput
from core.models.listing.inspection import check_kind
from core.texts import models as texts
from core.texts.models import uploads as upload_texts
from formats.limits import MAX_HEADER_BYTES
from formats.models.detection import classify
from formats.models.kinds import EXTENSIONS, ModelKind, unsupported_reason
from formats.models.pickle_files import PickleError, check_pickle
from formats.models.safetensors_header import PREFIX_BYTES, HeaderError, header_size, parse_header

MOST_SPOOLED: Final = 256 << 20
"""Bytes of a file that must be read whole before its first part leaves."""

_PICKLES: Final = (".ckpt", ".bin")
"""Extensions of files that can run code, and that no kind takes."""

ReadRange = Callable[[int, int], bytes]
"""Bytes of a file by start and size."""


def has_header(name: str) -> bool:
    """Whether the file's header alone tells what it is; else all of it must be read."""
    return PurePath(name).suffix.lower() == ".safetensors"


def check_size(kind: ModelKind, name: str, size: int | None) -> None:
    """Raise InvalidInput for an empty file, or one too large to be read before it is sent."""
    if size == 0:
        raise InvalidInput(texts.IS_EMPTY)
    if size is not None and size > MOST_SPOOLED and not has_header(name):
        raise InvalidInput(upload_texts.too_large_to_check(kind, MOST_SPOOLED >> 20))


def check_header(data: bytes, size: int | None, kind: ModelKind | None) -> ModelKind:
    """The kind of a safetensors file by its header, `data` being its first bytes and `size` the
    file's. Raises InvalidInput where it is none, is cut off, or is of another kind than `kind`."""
    try:
        header = parse_header(data)
    except HeaderError as error:
        raise InvalidInput(str(error)) from error
    if size is not None and header.file_size != size:
        raise InvalidInput(texts.IS_CUT_OFF)
    found = classify(header)
    if kind is not None:
        _family, problem = check_kind(found, kind)
        if problem:
            raise InvalidInput(problem)
        return kind
    if found.unsupported or found.kind is None:
        raise InvalidInput(found.unsupported or texts.KIND_UNKNOWN)
    return found.kind


def check_ranges(read: ReadRange, name: str, size: int, kind: ModelKind | None) -> ModelKind:
    """The kind of a file that is read in ranges; of one without a header what was chosen.

    Raises InvalidInput.
    """
    check_extension(name, kind)
    if not has_header(name):
        if kind is None:
            raise InvalidInput(texts.CHOOSE_KIND)
        check_size(kind, name, size)
        return kind
    if not size:
        raise InvalidInput(texts.IS_EMPTY)
    return check_header(read_header_bytes(read), size, kind)


def read_header_bytes(read: ReadRange) -> bytes:
    """A header by two reads at most. Raises InvalidInput."""
    try:
        data = read(0, 512 << 10)
        needed = header_size(data[:PREFIX_BYTES])
    except HeaderError as error:
        raise InvalidInput(str(error)) from error
    return data if needed <= len(data) else data + read(len(data), needed - len(data))


def is_header_complete(data: bytes | bytearray) -> bool:
    """Whether these first bytes have all of the header. Raises InvalidInput where there is none."""
    if len(data) < PREFIX_BYTES:
        return False
    try:
        return len(data) >= header_size(bytes(data[:PREFIX_BYTES]))
    except HeaderError as error:
        raise InvalidInput(str(error)) from error


def check_extension(name: str, kind: ModelKind | None) -> None:
    """Raise InvalidInput for a file that by its name can't be of that kind, or tells none."""
    suffix = PurePath(name).suffix.lower()
    if suffix in _PICKLES:
        raise InvalidInput(texts.is_pickle(suffix))
    if kind is None:
        if not has_header(name):
            raise InvalidInput(texts.CHOOSE_KIND)
        return
    if reason := unsupported_reason(kind, name):
        raise InvalidInput(reason)
    if suffix not in EXTENSIONS[kind]:
        raise InvalidInput(texts.wrong_extension(kind, EXTENSIONS[kind]))


def check_tensors_only(file: IO[bytes]) -> None:
    """Raise InvalidInput where a file of PyTorch's holds more than tensors."""
    file.seek(0)
    try:
        check_pickle(cast("BinaryIO", file))
    except PickleError as error:
        raise InvalidInput(str(error)) from error


class ContentDigest:
    """The SHA-256 of a file as its bytes go by; of one that is no checkpoint AutoV3 too, the
    SHA-256 of what follows the header (kohya-ss/sd-scripts, `addnet_hash_safetensors`)."""

    def __init__(self, kind: ModelKind, name: str) -> None:
        self._whole = hashlib.sha256()
        self._data = hashlib.sha256()
        self._first = b""
        self._data_start: int | None = None
        self._has_data = has_header(name) and kind is not ModelKind.CHECKPOINT
        self.size = 0

    def update(self, block: bytes) -> None:
        """The next bytes."""
        self._whole.update(block)
        if self._has_data:
            self._update_data(block)
        self.size += len(block)

    @property
    def sha256(self) -> str:
        """In hex."""
        return self._whole.hexdigest()

    @property
    def auto_v3(self) -> str:
        """In hex; empty for a file of which it is not told."""
        return self._data.hexdigest() if self._has_data and self._data_start is not None else ""

    def _update_data(self, block: bytes) -> None:
        if self._data_start is None:
            self._first += block[: PREFIX_BYTES - len(self._first)]
            if len(self._first) < PREFIX_BYTES:
                return
            length = int.from_bytes(self._first, "little")
            self._data_start = PREFIX_BYTES + min(length, MAX_HEADER_BYTES)
        self._data.update(block[max(0, self._data_start - self.size) :])
