"""Where the bytes of a model file come from, as an upload's record keeps it."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from formats.frozen import Tolerant
from formats.keys import Sha256
from formats.limits import MAX_URL


class PathSource(Tolerant):
    """A file on a dashboard's machine."""

    type: Literal["path"] = "path"
    path: Path
    modified: float
    """Time of its last change in seconds since 1970: another file of that path is another one."""


class BrowserSource(Tolerant):
    """A file on somebody's own machine, which their browser sends."""

    type: Literal["browser"] = "browser"
    file_name: str
    modified_ms: int
    """The browser's `lastModified`, in milliseconds since 1970."""


class UrlSource(Tolerant):
    """A file on a web site: the address that a person gave, and what it was found to be."""

    type: Literal["url"] = "url"
    url: Annotated[str, Field(max_length=MAX_URL)]
    """Of the file itself, without a token and never where it redirects to, as that expires."""
    page: Annotated[str, Field(max_length=MAX_URL)] = ""
    """Where a person reads about the file; empty where that is not known."""
    etag: str = ""
    """What the site said of the version: `If-Range` takes it; an empty one can't be resumed."""
    sha256: Sha256 | None = None
    """What the site says the bytes are."""


class S3Source(Tolerant):
    """An object in S3 that the studio's role can read."""

    type: Literal["s3"] = "s3"
    bucket: str
    key: str
    etag: str
    modified: datetime

    @property
    def uri(self) -> str:
        """As a person writes it."""
        return f"s3://{self.bucket}/{self.key}"


UploadSource = Annotated[
    PathSource | BrowserSource | UrlSource | S3Source, Field(discriminator="type")
]
