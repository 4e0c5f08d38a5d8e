"""A model file as the library lists it: what S3 holds, what the file says, what is kept of it."""

from datetime import datetime
from typing import Final

from core.models.metadata.fields import FieldSource, Known
from core.models.metadata.records import ModelRecord
from core.team.permissions import Item, Kind
from core.team.users import SHARED
from core.texts import models as texts
from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind

HASH_METADATA: Final = "sha256"
OWNER_METADATA: Final = "owner"
VERIFICATION_METADATA: Final = "verification"
PENDING: Final = "pending"
"""What an object's metadata says where its bytes are yet to be read and compared."""

_MAX_SHOWN: Final = 300
"""Characters of a description that are shown in a line; some makers put a whole page there."""

_AUTO_V2_DIGITS: Final = 10
_AUTO_V3_DIGITS: Final = 12


class ModelHashes(Frozen):
    """What people search a file by, in hexadecimal digits; empty where it is not known."""

    sha256: str = ""
    auto_v1: str = ""
    """The first 8 digits of the SHA-256 of the 64 KiB from 1 MiB on (A1111 before 2023)."""
    auto_v3: str = ""
    """The first 12 digits of the SHA-256 of what follows a safetensors header."""

    @property
    def auto_v2(self) -> str:
        """The first 10 digits of the file's SHA-256."""
        return self.sha256[:_AUTO_V2_DIGITS]


class ModelFile(Frozen):
    """One file in S3 under `models/<kind>/<name>`."""

    key: str
    kind: ModelKind
    name: str
    size: int
    modified: datetime
    etag: str = ""
    family: Family = Family.UNKNOWN
    sha256: str | None = None
    owner: str = SHARED
    problem: str | None = None
    """Why it can't be used, where that can be seen from here."""
    record: ModelRecord = ModelRecord()
    """What is kept of it, without the jobs that used it: see `ModelLibrary.recent_jobs`."""
    known: Known = Known()
    """What the file, its side-cars, sites and people say of it."""
    auto_v1: str = ""

    @property
    def item(self) -> Item:
        """The file, for the permission check."""
        return Item(kind=Kind.MODEL, owner=self.owner)

    @property
    def title(self) -> str:
        """The name that people see: what a person, a site or a side-car calls it, else its own."""
        is_own = self.known.sources.get("title") is not FieldSource.HEADER
        return (is_own and self.known.fields.title) or self.name

    @property
    def is_trashed(self) -> bool:
        """Whether it is in the trash; other bytes that were put under its key since are not."""
        return self.record.trashed is not None and self.record.trashed_etag in ("", self.etag)

    @property
    def hashes(self) -> ModelHashes:
        """By what people search for it."""
        is_current = self.record.etag == self.etag
        auto_v3 = self.record.auto_v3 if is_current else ""
        return ModelHashes(
            sha256=self.sha256 or "",
            auto_v1=self.auto_v1 or (self.record.auto_v1 if is_current else ""),
            auto_v3=auto_v3[:_AUTO_V3_DIGITS],
        )

    @property
    def description(self) -> str:
        """In one line: what is said of it, and the words that a prompt must have."""
        fields = self.known.fields
        text = (fields.description or "").strip()[:_MAX_SHOWN]
        words = ", ".join(fields.trained_words or ())[:_MAX_SHOWN]
        return " ".join(part for part in (text, words and texts.trigger_phrase(words)) if part)
