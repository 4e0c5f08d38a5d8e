"""Reads the JSON of a pose file without trusting it: bounded in size and depth, in any Unicode."""

import json
import re
from typing import Any, Final

from formats.openpose import texts
from formats.openpose.skeleton import PoseError

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 20
"""A pose has 4 levels, a list of frames with nested points 7."""

_BYTE_ORDER_MARK: Final = "\ufeff"
_START: Final = 64
"""Bytes in which a file shows what it is."""

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Strings, which may hold brackets, and brackets. A string that never ends is one to the end, else
each escaped quote in it would be tried as a start."""


def starts_as_json(data: bytes) -> bool:
    """Whether a file begins as an object or a list, in UTF-8, UTF-16 or UTF-32."""
    return _decode(data[:_START]).lstrip().startswith(("{", "["))


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text. Raises PoseError for what is none, too large or too deep."""
    if len(text) > MAX_BYTES:
        raise PoseError(texts.TOO_LARGE)
    text = _decode(text) if isinstance(text, bytes) else text.removeprefix(_BYTE_ORDER_MARK)
    _check_depth(text)
    try:
        return json.loads(text)
    except ValueError as error:
        raise PoseError(texts.NOT_JSON) from error


def _decode(data: bytes) -> str:
    return data.decode(json.detect_encoding(data), "replace").removeprefix(_BYTE_ORDER_MARK)


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if depth > MAX_DEPTH:
            raise PoseError(texts.TOO_DEEP)
