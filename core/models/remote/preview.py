"""What an import from an address would bring, told before anything is fetched."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from core.models.metadata.fields import FieldSource, ModelFields
from core.models.uploads.sources import UrlSource
from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind


class RemoteFile(Frozen):
    """One file that an address leads to."""

    source: UrlSource
    name: str
    """As it will be called in S3."""
    size: int | None = None
    kind: ModelKind | None = None
    """What the header says, else what the site says; None where neither does."""
    family: Family = Family.UNKNOWN
    problem: str = ""
    """Why it can't be taken, in words that say what to do; empty where it can."""
    stored_as: str = ""
    """The key of a file in S3 that has these very bytes already."""
    is_main: bool = False
    """Whether the site offers it first."""


class ImportPreview(Frozen):
    """The files that an address leads to, and what the site says about them."""

    site: str
    """The host that answers, as a person reads it."""
    files: Annotated[tuple[RemoteFile, ...], Field(min_length=1)]
    layers: Mapping[FieldSource, ModelFields] = {}
    preview_image: str = ""
    """Address of the site's own image for a thumbnail; empty where there is none."""
