"""Reads the header of a safetensors file: its tensors' types and shapes, not the tensors.

A header is right where the safetensors library takes it (github.com/huggingface/safetensors,
safetensors/src/tensor.rs, `Metadata::validate`), and within the limits of `formats.limits`.
"""

import json
import math
import re
import struct
from collections.abc import Mapping
from typing import Annotated, Any, BinaryIO, Final

from pydantic import Field, StrictInt, ValidationError

from formats import texts
from formats.frozen import Frozen
from formats.limits import MAX_DIMENSIONS, MAX_HEADER_BYTES, MAX_TENSOR_NAME, MAX_TENSORS

PREFIX_BYTES: Final = 8
"""The file starts with the header's length, an unsigned little-endian 64-bit integer."""

_FORMAT_LIMIT: Final = 100_000_000
"""Bytes of the longest header that the format itself allows."""
_MAX_SIZE: Final = 2**64 - 1
_BITS: Final = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}
"""Bits of one number of each type."""
_MARK: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{\[,]', re.DOTALL)
"""A string, to the end of the text where it is never closed, or what tells of a value outside one.
Possessive: a group that may be taken back costs a hundred times its text in memory."""
_MOST_OBJECTS: Final = MAX_TENSORS + 2
"""Opening braces: one for each tensor, the metadata and the whole."""
_MOST_VALUES: Final = MAX_TENSORS * 8 + 20_000
"""Commas; a tensor has seven of them for four dimensions, and metadata one for each entry."""
_MOST_MARKS: Final = {
    ord("{"): _MOST_OBJECTS,
    ord("["): 2 * _MOST_OBJECTS,
    ord(","): _MOST_VALUES,
    ord('"'): 2 * _MOST_VALUES,
}
"""Strings: a comma has a name and a value before it, or a number."""


class HeaderError(ValueError):
    """The bytes are no safetensors file, or a broken one; the message says which."""


_Size = Annotated[StrictInt, Field(ge=0, le=_MAX_SIZE)]


class TensorInfo(Frozen):
    """One tensor's entry: its type (such as F16), shape, and place in the data."""

    dtype: str
    shape: Annotated[tuple[_Size, ...], Field(max_length=MAX_DIMENSIONS)]
    data_offsets: tuple[_Size, _Size]


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
    if not 2 <= length <= _FORMAT_LIMIT:
        raise HeaderError(texts.NOT_SAFETENSORS)
    if length > MAX_HEADER_BYTES:
        raise HeaderError(texts.header_too_large(length))
    return PREFIX_BYTES + int(length)


def parse_header(data: bytes) -> Header:
    """The header from the first `header_size` bytes of a file. Raises HeaderError."""
    size = header_size(data)
    if len(data) < size:
        raise HeaderError(texts.HEADER_CUT_OFF)
    body = data[PREFIX_BYTES:size]
    _check_amount(body)
    try:
        entries = json.loads(body.decode(), object_pairs_hook=_table)
    except HeaderError:
        raise
    except (ValueError, RecursionError) as error:
        raise HeaderError(texts.NOT_SAFETENSORS) from error
    header = _header(entries, size)
    _check_layout(header.tensors)
    return header


def _check_amount(body: bytes) -> None:
    """Count before parsing: a small text can stand for a hundred times its size in objects.

    The marks are walked one by one, up to the first that is too much, and no string is copied.
    """
    left = dict(_MOST_MARKS)
    for found in _MARK.finditer(body):
        mark = body[found.start()]
        left[mark] -= 1
        if left[mark] < 0:
            is_tensor = mark in b"{["
            raise HeaderError(
                texts.too_many_tensors(MAX_TENSORS) if is_tensor else texts.HEADER_DAMAGED
            )


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise HeaderError(texts.NAME_TWICE)
    return table


def _header(entries: Any, size: int) -> Header:
    if not isinstance(entries, dict):
        raise HeaderError(texts.NOT_SAFETENSORS)
    metadata = entries.pop("__metadata__", None)
    if len(entries) > MAX_TENSORS:
        raise HeaderError(texts.too_many_tensors(MAX_TENSORS))
    if longest := next((name for name in entries if len(name) > MAX_TENSOR_NAME), None):
        raise HeaderError(texts.tensor_name_too_long(longest))
    fields = {"tensors": entries, "metadata": {} if metadata is None else metadata}
    try:
        return Header.model_validate({**fields, "data_start": size})
    except ValidationError as error:
        raise HeaderError(texts.HEADER_DAMAGED) from error


def _check_layout(tensors: Mapping[str, TensorInfo]) -> None:
    """The tensors follow each other without a gap, and each has the bytes of its shape."""
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].data_offsets):
        if tensor.dtype not in _BITS:
            raise HeaderError(texts.unknown_dtype(name, tensor.dtype))
        first, last = tensor.data_offsets
        bits = math.prod(tensor.shape) * _BITS[tensor.dtype]
        if first != end or bits != 8 * (last - first):
            raise HeaderError(texts.misplaced_tensor(name))
        end = last


def read_header(file: BinaryIO, size: int) -> Header:
    """The header of an open file of `size` bytes, checked against that size.

    Raises HeaderError for a file that is something else, damaged, or cut off.
    """
    prefix = file.read(PREFIX_BYTES)
    header = parse_header(prefix + file.read(header_size(prefix) - PREFIX_BYTES))
    if header.file_size != size:
        raise HeaderError(texts.other_size(size, header.file_size))
    return header
