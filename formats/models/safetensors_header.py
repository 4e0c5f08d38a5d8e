"""Reads the header of a safetensors file: its tensors' types and shapes, not the tensors."""

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from pydantic import ValidationError

from formats import texts
from formats.frozen import Frozen
from formats.limits import MAX_HEADER_BYTES

PREFIX_BYTES: Final = 8
"""The file starts with the header's length, an unsigned little-endian 64-bit integer."""


class HeaderError(ValueError):
    """The bytes are no safetensors file, or a broken one; the message says which."""


class TensorInfo(Frozen):
    """One tensor's entry: its type (such as F16), shape, and place in the data."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class Header(Frozen):
    """A whole header; `data_start` is where the tensors' bytes begin in the file."""

    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]
    data_start: int

    @property
    def file_size(self) -> int:
        """How long the file must be, in bytes."""
        return self.data_start + max((t.data_offsets[1] for t in self.tensors.values()), default=0)


def header_size(prefix: bytes) -> int:
    """Bytes of prefix and header together, from the first 8 bytes of a file.

    Raises HeaderError where they can't be a safetensors file's.
    """
    if len(prefix) < PREFIX_BYTES:
        raise HeaderError(texts.TOO_SHORT)
    (length,) = struct.unpack("<Q", prefix[:PREFIX_BYTES])
    if not 2 <= length <= MAX_HEADER_BYTES:
        raise HeaderError(texts.NOT_SAFETENSORS)
    return PREFIX_BYTES + int(length)


def parse_header(data: bytes) -> Header:
    """The header from the first `header_size` bytes of a file. Raises HeaderError."""
    size = header_size(data)
    if len(data) < size:
        raise HeaderError(texts.HEADER_CUT_OFF)
    try:
        entries = json.loads(data[PREFIX_BYTES:size])
    except (ValueError, RecursionError) as error:
        raise HeaderError(texts.NOT_SAFETENSORS) from error
    return _header(entries, size)


def _header(entries: Any, size: int) -> Header:
    if not isinstance(entries, dict):
        raise HeaderError(texts.NOT_SAFETENSORS)
    metadata = entries.pop("__metadata__", None) or {}
    try:
        return Header.model_validate({"tensors": entries, "metadata": metadata, "data_start": size})
    except ValidationError as error:
        raise HeaderError(texts.HEADER_DAMAGED) from error


def read_header(file: BinaryIO, size: int) -> Header:
    """The header of an open file of `size` bytes, checked against that size.

    Raises HeaderError for a file that is something else, damaged, or cut off.
    """
    prefix = file.read(PREFIX_BYTES)
    header = parse_header(prefix + file.read(header_size(prefix) - PREFIX_BYTES))
    if header.file_size != size:
        raise HeaderError(texts.other_size(size, header.file_size))
    return header
