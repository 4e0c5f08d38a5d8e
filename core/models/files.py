"""A model file as the library lists it: what S3 holds, what the file says, what is kept of it."""

from datetime import datetime
from typing import Final

from core.models.metadata.fields import FieldSource, Known
from core.models.metadata.hashes import AUTO_V3_DIGITS, Hashes
from core.models.metadata.records import ModelRecord
from core.team.permissions import Item, Kind
from core.team.users import SHARED
from core.texts import models as texts
from formats.frozen import Frozen
from formats.models.few_step import FewStep
from formats.models.kinds import Family, ModelKind
from formats.models.prediction import Prediction

HASH_METADATA: Final = "sha256"
OWNER_METADATA: Final = "owner"
VERIFICATION_METADATA: Final = "verification"
PENDING: Final = "pending"
"""What an object's metadata says where its bytes are yet to be read and compared."""

_MAX_SHOWN: Final = 300
"""Characters of a description that are shown in a line; some makers put a whole page there."""


class ModelFile(Frozen):
    """One file in S3 under `models/<kind>/<name>`."""

    key: str
    kind: ModelKind
    name: str
    size: int
    modified: datetime
    etag: str = ""
    family: Family = Family.UNKNOWN
    prediction: Prediction = Prediction()
    few_step: FewStep | None = None
    """Where it was distilled to draw in a few steps."""
    sha256: str | None = None
    owner: str = SHARED
    is_unverified: bool = False
    """Whether its bytes are yet to be read and compared."""
    problem: str | None = None
    """Why it can't be used, where that can be seen from here."""
    record: ModelRecord = ModelRecord()
    """What is kept of it, without the jobs that used it: see `ModelLibrary.recent_jobs`."""
    known: Known = Known()
    """What the file, its side-cars, sites and people say of it."""
    auto_v1: str = ""
    auto_v3: str = ""
    """As its trainer wrote it into the header, in full."""
    beside: tuple[str, ...] = ()
    """Keys of its side-cars and previews."""

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
    def hashes(self) -> Hashes:
        """By what people search for it."""
        is_current = self.record.etag == self.etag
        auto_v3 = (is_current and self.record.auto_v3) or self.auto_v3
        return Hashes(
            sha256=self.sha256 or "",
            auto_v1=self.auto_v1 or (self.record.auto_v1 if is_current else ""),
            auto_v3=auto_v3[:AUTO_V3_DIGITS],
        )

    @property
    def description(self) -> str:
        """In one line: what is said of it, and the words that a prompt must have."""
        fields = self.known.fields
        text = (fields.description or "").strip()[:_MAX_SHOWN]
        words = ", ".join(fields.trained_words or ())[:_MAX_SHOWN]
        return " ".join(part for part in (text, words and texts.trigger_phrase(words)) if part)
