"""Reads the header of a safetensors file: its tensors' types and shapes, not the tensors."""

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from pydantic import ValidationError

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
        raise HeaderError("The file is too short to be a safetensors file.")
    (length,) = struct.unpack("<Q", prefix[:PREFIX_BYTES])
    if not 2 <= length <= MAX_HEADER_BYTES:
        raise HeaderError("This is not a safetensors file, whatever its name says.")
    return PREFIX_BYTES + int(length)


def parse_header(data: bytes) -> Header:
    """The header from the first `header_size` bytes of a file. Raises HeaderError."""
    size = header_size(data)
    if len(data) < size:
        raise HeaderError("The file is cut off inside its header; get it again.")
    try:
        entries = json.loads(data[PREFIX_BYTES:size])
    except (ValueError, RecursionError) as error:
        raise HeaderError("This is not a safetensors file, whatever its name says.") from error
    return _header(entries, size)


def _header(entries: Any, size: int) -> Header:
    if not isinstance(entries, dict):
        raise HeaderError("This is not a safetensors file, whatever its name says.")
    metadata = entries.pop("__metadata__", None) or {}
    try:
        return Header.model_validate({"tensors": entries, "metadata": metadata, "data_start": size})
    except ValidationError as error:
        raise HeaderError("The file's header is damaged; get the file again.") from error


def read_header(file: BinaryIO, size: int) -> Header:
    """The header of an open file of `size` bytes, checked against that size.

    Raises HeaderError for a file that is something else, damaged, or cut off.
    """
    prefix = file.read(PREFIX_BYTES)
    header = parse_header(prefix + file.read(header_size(prefix) - PREFIX_BYTES))
    if header.file_size != size:
        raise HeaderError(
            f"The file has {size:,} bytes and its header speaks of {header.file_size:,}: "
            "it is cut off or damaged; get it again."
        )
    return header
