"""Hashes a file on disk: the whole of it and each of its parts, in one pass."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final

from core.errors import InvalidInput
from core.models.uploads.live import LiveUpload
from core.models.uploads.planning.plan import UploadFile, opened_plain, part_size
from core.models.uploads.records import UploadStage
from core.models.uploads.sending.contents import ContentDigest
from core.texts import models as texts
from formats.frozen import Frozen

_READ: Final = 8 << 20
"""Bytes at once: large enough that handing them to the second thread costs nothing beside."""


class FilePart(Frozen):
    """One part of the file: `number` from 1, its place, and the base64 of its SHA-256."""

    number: int
    start: int
    size: int
    checksum: str


class FileDigest(Frozen):
    """The whole file's SHA-256 and AutoV3 in hex, and its parts."""

    sha256: str
    auto_v3: str
    parts: tuple[FilePart, ...]


def hash_file(file: UploadFile, live: LiveUpload) -> FileDigest:
    """Hash a file in constant memory. Raises InvalidInput where it became shorter, OSError,
    UploadCancelled."""
    live.report(stage=UploadStage.HASHING, done=0)
    whole = ContentDigest(file.kind, file.name)

    def each_block() -> None:
        live.check()
        live.report(done=whole.size)

    parts = tuple(hashed_parts(file, whole, each_block))
    return FileDigest(sha256=whole.sha256, auto_v3=whole.auto_v3, parts=parts)


def hashed_parts(
    file: UploadFile, whole: ContentDigest, each_block: Callable[[], None]
) -> Generator[FilePart]:
    """The parts, each as soon as it is hashed; `whole` then has its bytes too. Raises what
    `each_block` does, InvalidInput where the file became shorter, OSError."""
    step = part_size(file.size)
    with opened_plain(file.path) as opened, ThreadPoolExecutor(1) as second:
        for number, start in enumerate(range(0, file.size, step), 1):
            part, size = hashlib.sha256(), min(step, file.size - start)
            for block in _blocks(opened, size):
                hashed = second.submit(part.update, block)  # hashlib lets two run at once
                whole.update(block)
                hashed.result()
                each_block()
            checksum = b64encode(part.digest()).decode()
            yield FilePart(number=number, start=start, size=size, checksum=checksum)


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        block = file.read(min(_READ, size))
        if not block:
            raise InvalidInput(texts.BECAME_SHORTER)
        size -= len(block)
        yield block
