"""A header that means to be dear is refused, or read, within 100 MB and in one pass."""

import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from formats import texts
from formats.limits import MAX_HEADER_BYTES, MAX_TENSORS
from tests.support.peak_memory import reading_cost

MOST_MEGABYTES: Final = 100
READER: Final = "formats.models.safetensors_header:parse_header"
TOO_MANY: Final = texts.too_many_tensors(MAX_TENSORS)
TENSOR: Final = '"{}":{{"dtype":"U8","shape":[{}],"data_offsets":[0,0]}}'


def filled(start: str, piece: str, end: str = "") -> str:
    """As many pieces as a header may have bytes."""
    room = MAX_HEADER_BYTES - len((start + end).encode())
    return start + piece * (room // len(piece.encode())) + end


def tensors(count: int, shape: str = "0") -> str:
    return "{" + ",".join(TENSOR.format(number, shape) for number in range(count)) + "}"


def metadata(count: int) -> str:
    return '{"__metadata__":{' + ",".join(f'"{i}":"{i}"' for i in range(count)) + "}}"


def with_length(header: str) -> bytes:
    body = header.encode()
    return struct.pack("<Q", len(body)) + body


CASES: Final = {
    "objects in names": (partial(filled, "", '{"'), TOO_MANY),
    "objects": (partial(filled, "", "{}"), TOO_MANY),
    "lists": (partial(filled, "", "["), TOO_MANY),
    "lists in a list": (partial(filled, "[", "[],"), TOO_MANY),
    "numbers": (partial(filled, "[", "0,"), texts.HEADER_DAMAGED),
    "strings": (partial(filled, "{", '"":"",'), texts.HEADER_DAMAGED),
    "quotes": (partial(filled, "", '"'), texts.HEADER_DAMAGED),
    "escaped quotes in a string without end": (partial(filled, '"', r"\""), texts.NOT_SAFETENSORS),
    "a string that ends in a backslash": (partial(str, '"\\'), texts.NOT_SAFETENSORS),
    "entries of metadata": (partial(metadata, 400_000), texts.HEADER_DAMAGED),
    "one long number": (partial(filled, '{"a":', "9", "}"), texts.NOT_SAFETENSORS),
    "one long text": (partial(filled, '{"__metadata__":{"a":"\U0001f600', "x", '"}}'), ""),
    "escapes": (partial(filled, '{"__metadata__":{"a":"', r"\u00e9", '"}}'), ""),
    "braces and commas in a text": (partial(filled, '{"__metadata__":{"a":"', "{[,", '"}}'), ""),
    "one long name": (
        partial(filled, '{"', "attn2.", '":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
        texts.tensor_name_too_long("attn2." * 1_398_092),
    ),
    "spaces": (partial(filled, "{", " ", "}"), ""),
    "as many tensors as are read": (partial(tensors, MAX_TENSORS, "0,1,1,1"), ""),
    "one tensor more": (partial(tensors, MAX_TENSORS + 1), TOO_MANY),
    "as many entries as are read": (partial(metadata, MAX_TENSORS * 8), ""),
}


@pytest.mark.parametrize(("header", "error"), CASES.values(), ids=CASES)
def test_what_a_header_costs(header: Callable[[], str], error: str, tmp_path: Path) -> None:
    cost = reading_cost(READER, with_length(header()), tmp_path)
    assert cost.error == error
    assert cost.megabytes < MOST_MEGABYTES
