"""A wildcard file of the team, as it is kept: the record, whose text is an object in S3."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from core.prompts.items import PromptItem
from core.prompts.wildcards.reading import WildcardFormat
from core.records.interface import RecordKind
from core.team.permissions import Kind
from formats.keys import JobId
from formats.limits import MAX_WILDCARD_LISTS


class WildcardFile(PromptItem):
    """A file; its name is the wildcard's, unless names stand within it."""

    kind: ClassVar[Kind] = Kind.WILDCARD

    written: WildcardFormat = WildcardFormat.TXT
    text_id: JobId
    """Names the text in S3; another one after each edit."""
    size: int = Field(ge=0)
    """Bytes of the text."""
    names: Annotated[tuple[str, ...], Field(max_length=MAX_WILDCARD_LISTS)]
    """What prompts can name, each between two underscores."""
    values: int = Field(ge=0)
    """Of all its wildcards together."""


WILDCARD_FILES: Final = RecordKind("wildcard", WildcardFile)
"""All are kept under one owner; whose a file is, it says itself."""

WILDCARD_VERSIONS: Final = RecordKind("wildcard-version", WildcardFile)
"""The owner is the file's id, the id its revision in six digits."""
