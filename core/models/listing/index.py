"""The index of what model files say: one object, so that a new process need not read each header.

It may be out of date or missing: the files' own objects decide.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from core.aws.storage import ObjectSummary, Storage
from core.errors import AwsError
from core.models import metadata
from core.models.listing.inspection import Inspection
from formats import models
from formats.frozen import Tolerant
from formats.keys import MODEL_INDEX

log = logging.getLogger(__name__)

REWRITE_AFTER: Final = 16
"""Files that the index lacks, from which on it is written again."""


class Version(NamedTuple):
    """The bytes and the metadata of an object: another put of the same bytes is another one."""

    key: str
    etag: str
    modified: datetime

    @classmethod
    def of(cls, summary: ObjectSummary) -> "Version":
        """The version that a listing tells of."""
        return cls(summary.key, summary.etag, summary.modified)


Inspections = Mapping[Version, Inspection]


class _Entry(Tolerant):
    key: str
    etag: str
    modified: datetime
    inspection: Inspection


class _Index(Tolerant):
    readers: str = ""
    files: tuple[_Entry, ...] = ()


def read_index(storage: Storage) -> dict[Version, Inspection]:
    """What the files said that were there when the index was written; empty where other readers
    wrote it, as they may have understood a file otherwise."""
    try:
        content = storage.find(MODEL_INDEX)
        index = _Index.model_validate_json(content.data) if content else _Index()
    except (AwsError, ValidationError) as error:
        log.warning("event=model_index_unreadable error=%s", type(error).__name__)
        return {}
    if index.readers != readers():
        return {}
    return {Version(one.key, one.etag, one.modified): one.inspection for one in index.files}


def write_index(storage: Storage, known: Inspections) -> None:
    """Write all. Two that write at once do no harm: who reads it compares the versions."""
    files = tuple(_Entry(**version._asdict(), inspection=said) for version, said in known.items())
    try:
        body = _Index(readers=readers(), files=files).model_dump_json().encode()
        storage.write(MODEL_INDEX, body, "application/json")
    except AwsError as error:
        log.warning("event=model_index_not_written error=%s", error)


@cache
def readers() -> str:
    """The hash of the code that reads headers: what another one made of a file does not count."""
    folders = (Path(str(package.__file__)).parent for package in (models, metadata))
    digest = hashlib.sha256()
    for path in (path for folder in folders for path in sorted(folder.rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
