"""The hashes that people search a model file by: how each is made, and which files have one.

Sources: AutoV1 is A1111's first one (modules/sd_models.py, `model_hash`), AutoV2 its short one of
a checkpoint (`sha256[0:10]`), AutoV3 that of a LoRA (extensions-builtin/Lora/network.py,
`shorthash`, of modules/hashes.py's `addnet_hash_safetensors`); the names are Civitai's.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

from formats.frozen import Frozen
from formats.models.safetensors_header import PREFIX_BYTES

AUTO_V1_START: Final = 0x100000
AUTO_V1_BYTES: Final = 0x10000
AUTO_V1_DIGITS: Final = 8
AUTO_V2_DIGITS: Final = 10
AUTO_V3_DIGITS: Final = 12
_SHA256_DIGITS: Final = 64
_LENGTHS: Final = {AUTO_V1_DIGITS, AUTO_V2_DIGITS, AUTO_V3_DIGITS, _SHA256_DIGITS}
_HEX: Final = re.compile(r"[0-9a-f]+")


class Hashes(Frozen):
    """What people search a file by, in lower-case hexadecimal; empty where it is not known."""

    sha256: str = ""
    auto_v1: str = ""
    """Of the 64 KiB from 1 MiB on."""
    auto_v3: str = ""
    """Of what follows a safetensors header."""

    @property
    def auto_v2(self) -> str:
        """The start of the file's SHA-256."""
        return self.sha256[:AUTO_V2_DIGITS]

    def has(self, digits: str) -> bool:
        """Whether a whole hash in `as_hash`'s form is one of the file's.

        Eight digits may be AutoV1, or the start of another, as some programs cut it.
        """
        if digits == self.auto_v1:
            return True
        starts = self.sha256, self.auto_v3
        if len(digits) == _SHA256_DIGITS:  # of a LoRA, also the one of its body (sshs_model_hash)
            return digits == self.sha256 or bool(self.auto_v3 and digits.startswith(self.auto_v3))
        return any(start.startswith(digits) for start in starts)


class HashedFile(Protocol):
    """A file that can be searched by its hashes."""

    @property
    def hashes(self) -> Hashes:
        """Those that are known."""


File = TypeVar("File", bound=HashedFile)


def as_hash(text: str) -> str | None:
    """A hash as a person or an infotext has it, in lower case; None for what is none.

    ModelSpec writes `0x` before it.
    """
    digits = text.strip().lower().removeprefix("0x")
    return digits if len(digits) in _LENGTHS and _HEX.fullmatch(digits) else None


def find(files: Iterable[File], text: str) -> tuple[File, ...]:
    """The files that have a hash of 8, 10, 12 or 64 digits; none for any other text."""
    digits = as_hash(text)
    return tuple(file for file in files if file.hashes.has(digits)) if digits else ()


class HashStream:
    """Makes the hashes of a file whose bytes come by in order, in constant memory."""

    def __init__(self, header_bytes: int | None = None) -> None:
        """`header_bytes` is the safetensors header's length with its eight bytes before, None for
        a file of another format."""
        self._whole = hashlib.sha256()
        self._body = None if header_bytes is None else hashlib.sha256()
        self._header = header_bytes or 0
        self._sample = hashlib.sha256()
        self._at = 0

    def update(self, block: bytes) -> None:
        """The next bytes."""
        view, end = memoryview(block), self._at + len(block)
        self._whole.update(view)
        if self._body is not None and end > self._header:
            self._body.update(view[max(0, self._header - self._at) :])
        if end > AUTO_V1_START and self._at < AUTO_V1_START + AUTO_V1_BYTES:
            start = max(0, AUTO_V1_START - self._at)
            self._sample.update(view[start : AUTO_V1_START + AUTO_V1_BYTES - self._at])
        self._at = end

    def hashes(self) -> Hashes:
        """Of all bytes so far. A file that ends before 1 MiB has no AutoV1 of its own."""
        has_sample = self._at > AUTO_V1_START
        return Hashes(
            sha256=self._whole.hexdigest(),
            auto_v1=self._sample.hexdigest()[:AUTO_V1_DIGITS] if has_sample else "",
            auto_v3=self._body.hexdigest()[:AUTO_V3_DIGITS] if self._body else "",
        )


def of_blocks(blocks: Iterable[bytes], *, is_safetensors: bool) -> Hashes:
    """The hashes of a whole file, read once."""
    first = b""
    rest = iter(blocks)
    while is_safetensors and len(first) < PREFIX_BYTES and (block := next(rest, b"")):
        first += block
    header = PREFIX_BYTES + int.from_bytes(first[:PREFIX_BYTES], "little")
    stream = HashStream(header if is_safetensors else None)
    stream.update(first)
    for block in rest:
        stream.update(block)
    return stream.hashes()
