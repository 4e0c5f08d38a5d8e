"""Reads what a model file says of itself: its object's metadata and its header, once a version."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from core.aws.ascii_values import decode_value
from core.aws.storage import ObjectContent, ObjectSummary, Storage
from core.errors import AwsError
from core.models.files import HASH_METADATA, OWNER_METADATA, PENDING, VERIFICATION_METADATA
from core.models.metadata.fields import ModelFields
from core.team.users import SHARED
from core.texts import models as texts
from formats.frozen import Frozen
from formats.limits import MAX_HEADER_BYTES
from formats.models.detection import Classification, classify
from formats.models.kinds import Family, ModelKind, unsupported_reason
from formats.models.safetensors_header import Header, HeaderError, header_size, parse_header

log = logging.getLogger(__name__)

_FIRST_READ_BYTES: Final = 512 * 1024
"""One ranged GET; SD 1.5's whole header has 155 KB, SDXL's 320 KB."""

_AUTO_V1_START: Final = 0x100000
_AUTO_V1_BYTES: Final = 0x10000
_AUTO_V1_DIGITS: Final = 8
"""A1111's first hash (modules/hashes.py, `model_hash`)."""

_MAX_WORD: Final = 500
_MAX_DESCRIPTION: Final = 8000


class Inspection(Frozen):
    """What one version of a file says."""

    family: Family = Family.UNKNOWN
    sha256: str | None = None
    """As whoever stored it says."""
    is_pending: bool = False
    """Whether its bytes are yet to be verified."""
    owner: str = SHARED
    problem: str | None = None
    header: ModelFields = ModelFields()
    auto_v1: str = ""


class Inspector:
    """Inspects each version once; a file costs one GET, from 1 MiB on two."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: dict[tuple[str, str], Inspection] = {}

    def inspect(self, summary: ObjectSummary, kind: ModelKind) -> Inspection:
        """What a file says. Any error of one file is its own problem, never the listing's."""
        version = (summary.key, summary.etag)
        if version in self._known:
            return self._known[version]
        inspection = Inspection()
        try:
            content = self._storage.read(summary.key, _FIRST_READ_BYTES) if summary.size else None
            inspection = _of_metadata(content.metadata if content else {})
            found = self._read_header(summary, kind, content)
            found["auto_v1"] = self._auto_v1(summary)
            inspection = inspection.model_copy(update=found)
        except AwsError as error:
            log.warning("event=model_unreadable key=%s error=%s", summary.key, error)
            return inspection.model_copy(update={"problem": str(error)})
        except Exception:  # the edge of one file: the others stay usable whatever it holds
            log.exception("event=model_unreadable key=%s", summary.key)
            return inspection.model_copy(update={"problem": texts.IS_UNREADABLE})
        self._known[version] = inspection
        return inspection

    def keep_only(self, present: set[tuple[str, str]]) -> None:
        """Forget every version that is not there any more, by key and ETag."""
        self._known = {k: v for k, v in self._known.items() if k in present}

    def _read_header(
        self, summary: ObjectSummary, kind: ModelKind, content: ObjectContent | None
    ) -> dict[str, object]:
        """What the header adds to a file's entry."""
        if reason := unsupported_reason(kind, PurePath(summary.key).name):
            return {"problem": reason}
        if not summary.key.endswith(".safetensors"):
            return {}
        if content is None:
            return {"problem": texts.IS_EMPTY}
        try:
            header = parse_header(self._whole_header(summary, content.data))
        except HeaderError as error:
            return {"problem": str(error)}
        if header.file_size != summary.size:
            return {"problem": texts.IS_CUT_OFF}
        family, problem = check_kind(classify(header), kind)
        return {"family": family, "problem": problem, "header": _fields(header)}

    def _whole_header(self, summary: ObjectSummary, first: bytes) -> bytes:
        size = header_size(first)
        if size <= len(first) or size > MAX_HEADER_BYTES:
            return first
        return self._storage.read(summary.key, size).data

    def _auto_v1(self, summary: ObjectSummary) -> str:
        """Empty for a file that is too short to have one."""
        if summary.size < _AUTO_V1_START + _AUTO_V1_BYTES:
            return ""
        part = self._storage.read_range(summary.key, _AUTO_V1_START, _AUTO_V1_BYTES)
        return hashlib.sha256(part.data).hexdigest()[:_AUTO_V1_DIGITS]


def _of_metadata(metadata: Mapping[str, str]) -> Inspection:
    return Inspection(
        sha256=metadata.get(HASH_METADATA),
        is_pending=metadata.get(VERIFICATION_METADATA) == PENDING,
        owner=decode_value(metadata.get(OWNER_METADATA, SHARED)),
    )


def _fields(header: Header) -> ModelFields:
    """The maker's description and trigger phrase (modelspec 1.0.1)."""
    text = header.metadata.get("modelspec.description", "").strip()[:_MAX_DESCRIPTION]
    phrase = header.metadata.get("modelspec.trigger_phrase", "").strip()[:_MAX_WORD]
    return ModelFields(description=text or None, trained_words=(phrase,) if phrase else None)


def check_kind(classification: Classification, folder: ModelKind) -> tuple[Family, str | None]:
    """Family, and the problem of a file that nothing reads, or that is in another kind's folder."""
    family, kind = classification.family, classification.kind
    if classification.unsupported:
        return family, classification.unsupported
    if kind is None or kind is folder:
        return family, None
    return family, texts.other_kind(kind, folder)
