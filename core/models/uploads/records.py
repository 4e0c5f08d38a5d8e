"""An upload as it is stored, so that it outlives the page, the process and the machine."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.models.metadata.fields import FieldSource, ModelFields
from core.models.uploads.sources import UploadSource
from core.records.interface import RecordKind
from core.team.permissions import Item, Kind
from formats.frozen import Tolerant
from formats.keys import model_key, staging_key
from formats.models.kinds import ModelKind


class UploadStage(StrEnum):
    """Where an upload is; the value is the word a user reads."""

    WAITING = "waiting"
    HASHING = "hashing"
    UPLOADING = "uploading"
    VERIFYING = "verifying"
    """All bytes are in S3; they are read again and compared."""
    PAUSED = "paused"
    """By a person, or as its source is out of reach; the message says which."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({UploadStage.DONE, UploadStage.FAILED, UploadStage.CANCELLED})


class Wish(StrEnum):
    """What a person wants of an upload; whichever dashboard works on it does it."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"


class Upload(Tolerant):
    """One file on its way; `done` and `size` in bytes, times in UTC."""

    id: str
    owner: str
    source: UploadSource
    name: str
    """The file's name in S3."""
    kind: ModelKind
    size: int | None = None
    """None where a site does not say."""
    replace: bool = False
    layers: Mapping[FieldSource, ModelFields] = {}
    """What its site says of the model, kept with it once it is there."""
    created: datetime
    changed: datetime
    stage: UploadStage = UploadStage.WAITING
    wish: Wish = Wish.RUN
    worker: str = ""
    """Which dashboard process works on it."""
    lease_until: datetime | None = None
    """Until then nobody else takes it up."""
    multipart_id: str = ""
    """S3's id of the multipart upload under way."""
    part_size: int = 0
    """Bytes of each part but the last; 0 before the first one."""
    etag: str = ""
    """Of the object that it became, which is yet to be verified."""
    done: int = 0
    parts: int = 0
    parts_done: int = 0
    parts_skipped: int = 0
    bytes_per_second: float = 0.0
    """Over the last seconds; 0 where nothing moves."""
    sha256: str = ""
    """Of all its bytes; empty as long as nobody has read them all."""
    message: str = ""
    """What went wrong, what it waits for, or where its bytes were already."""

    @property
    def item(self) -> Item:
        """The file on its way, for the permission check."""
        return Item(kind=Kind.MODEL, owner=self.owner)

    @property
    def key(self) -> str:
        """The object that it becomes."""
        return model_key(self.kind, self.name)

    @property
    def sent_key(self) -> str:
        """Where its parts go: beside the models where they would replace a good file by bytes
        that are not verified yet."""
        has_header = self.name.lower().endswith(".safetensors")
        is_read_whole = self.source.type == "path" or (
            self.source.type != "browser" and not has_header
        )
        return self.key if is_read_whole or not self.replace else staging_key(self.id)

    @property
    def active(self) -> bool:
        """Whether it can still change by itself or go on."""
        return self.stage not in ENDED

    @property
    def fraction(self) -> float:
        """How much of the present stage is done, 0 to 1."""
        if self.stage is UploadStage.DONE:
            return 1.0
        return min(1.0, self.done / self.size) if self.size else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until the present stage ends at the present speed; None where that is not known."""
        if not (self.size and self.bytes_per_second):
            return None
        return max(0.0, self.size - self.done) / self.bytes_per_second


UPLOADS: Final = RecordKind("upload", Upload)
"""Kept under the owner's name and the upload's id, a ULID."""
