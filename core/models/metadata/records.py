"""A model file's record: what S3 can't hold of it, and what people keep about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.models.metadata.fields import FieldSource, ModelFields
from core.records.interface import RecordKind
from core.team.users import SHARED
from formats.frozen import Tolerant


class ModelRecord(Tolerant):
    """What is kept of the file with the record's id as its key; a file by hand has none at first.

    Times are UTC. What belongs to the bytes counts for the version `etag` alone.
    """

    etag: str = ""
    """The object's ETag when it was verified."""
    sha256: str = ""
    """Of the bytes, as this studio read them; empty where it has not."""
    auto_v1: str = ""
    auto_v3: str = ""
    added: datetime | None = None
    trashed: datetime | None = None
    """When it was put into the trash, where it stays for 30 days."""
    trashed_etag: str = ""
    """The object's ETag then: other bytes under its key are not in the trash."""
    trashed_by: str = ""
    thumbnail: str = ""
    """The SHA-256 of its thumbnail's bytes; empty where it has none."""
    layers: Mapping[FieldSource, ModelFields] = {}
    jobs: int = 0
    """How many ended jobs used it."""
    last_used: datetime | None = None
    recent_jobs: tuple[str, ...] = ()
    """Ids of the latest of them, the newest first."""


MODELS: Final = RecordKind("model", ModelRecord)
MODEL_RECORDS_OWNER: Final = SHARED
"""Whose all of them are in the store; whose a file is, its own metadata says."""

TRASH_DAYS: Final = 30
