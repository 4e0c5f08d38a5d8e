"""What a stream from a web site offers to the uploads; `core/models/remote` has it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from core.models.uploads.sources import UrlSource


class RemoteStream(Protocol):
    """The bytes that a site sends."""

    @property
    def size(self) -> int | None:
        """Of the whole file; None where the site doesn't say."""
        ...

    @property
    def etag(self) -> str:
        """Of the version that is sent; empty where the site doesn't say."""
        ...

    @property
    def sha256(self) -> str | None:
        """What the site says that the whole file's is."""
        ...

    @property
    def is_from_start(self) -> bool:
        """Whether the whole file comes, though less of it was asked for."""
        ...

    @property
    def blocks(self) -> Iterator[bytes]:
        """The bytes. Raises RemoteError where they end too early."""
        ...


class RemoteFiles(Protocol):
    """Opens files on web sites."""

    def open(self, source: UrlSource, start: int) -> AbstractContextManager[RemoteStream]:
        """The file's bytes from `start` on, if it is the same version still. Raises RemoteError."""
        ...
