"""Lists and deletes the model files in S3, each with what its header says."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from math import inf
from pathlib import PurePath
from typing import Final

from core.aws.ascii_values import decode_value
from core.aws.shared_listing import SharedListing
from core.aws.storage import ObjectContent, ObjectSummary, Storage
from core.errors import AwsError, InvalidInput, NotFound
from core.ids import Clock
from core.models.metadata.fields import FieldSource, Known, ModelFields, merged
from core.team.access import Access
from core.team.permissions import Action, Item, Kind
from core.team.users import SHARED, User
from core.texts import models as texts
from formats.frozen import Frozen
from formats.keys import MODELS, model_key, parse_model_key
from formats.limits import MAX_HEADER_BYTES
from formats.models.detection import Classification, classify
from formats.models.kinds import Family, ModelKind, unsupported_reason
from formats.models.safetensors_header import Header, HeaderError, header_size, parse_header

log = logging.getLogger(__name__)

HASH_METADATA: Final = "sha256"
OWNER_METADATA: Final = "owner"
_FIRST_READ_BYTES: Final = 512 * 1024
"""One ranged GET; SD 1.5's whole header has 155 KB, SDXL's 320 KB."""

_READERS: Final = 8
_MAX_DESCRIPTION: Final = 300
"""Characters of a description that are shown; some makers put a whole page there."""

OwnerNow = Callable[[str, datetime], str]
"""Whose a file is, by the owner that it was stored with and its time."""


class ModelFile(Frozen):
    """One file in S3 under `models/<kind>/<name>`."""

    key: str
    kind: ModelKind
    name: str
    size: int
    modified: datetime
    family: Family = Family.UNKNOWN
    sha256: str | None = None
    owner: str = SHARED
    problem: str | None = None
    """Why the container would refuse it, where that can be seen from here."""
    description: str = ""
    """Its maker's description and trigger phrase (modelspec 1.0.1)."""

    @property
    def known(self) -> Known:
        """What counts of all that is said about it."""
        said = ModelFields(description=self.description or None)
        return merged({FieldSource.HEADER: said})

    @property
    def item(self) -> Item:
        """The file, for the permission check."""
        return Item(kind=Kind.MODEL, owner=self.owner)


class _Inspection(Frozen):
    family: Family = Family.UNKNOWN
    sha256: str | None = None
    owner: str = SHARED
    problem: str | None = None
    description: str = ""


class ModelLibrary:
    """The model files of the bucket, those that other tools put there too.

    A listing costs one call for each thousand files; a file's header is read once per version.
    """

    def __init__(
        self,
        storage: Storage,
        access: Access,
        clock: Clock,
        owner_now: OwnerNow = lambda owner, _modified: owner,
    ) -> None:
        self._storage = storage
        self._access = access
        self._owner_now = owner_now
        self._listing = SharedListing(self._read, clock, fresh_seconds=inf)
        self._inspections: dict[tuple[str, str], _Inspection] = {}

    def list(self, user: User, *, refresh: bool = False) -> tuple[ModelFile, ...]:
        """All files the user may use, by kind and name. Asks S3 only when told to, or at first.

        Where S3 does not answer, those of its last answer; `listing_problem` then says so.
        """
        files = self._files(refresh=refresh)
        return tuple(f for f in files if self._access.may(user, Action.SEE, f.item))

    def count_of(self, owner: str) -> int:
        """How many files somebody has."""
        return sum(file.owner == owner for file in self._files(refresh=False))

    def listing_problem(self) -> str:
        """What S3 did not answer, and from when the list is; empty where it is up to date."""
        return self._listing.problem()

    def of_kind(self, user: User, kind: ModelKind) -> tuple[ModelFile, ...]:
        """The files of one kind."""
        return tuple(file for file in self.list(user) if file.kind is kind)

    def bytes_of(self, owner: str) -> int:
        """Of all files that somebody owns."""
        return sum(file.size for file in self._files(refresh=False) if file.owner == owner)

    def find(self, user: User, kind: ModelKind, name: str) -> ModelFile | None:
        """One file, or None."""
        return next((f for f in self.list(user) if (f.kind, f.name) == (kind, name)), None)

    def invalidate(self) -> None:
        """Make the next list ask S3; called after an upload."""
        self._listing.expire()

    def delete(self, user: User, kind: ModelKind, name: str) -> None:
        """Remove a file. Raises NotFound, NotAllowed."""
        file = self.find(user, kind, name)
        if file is None:
            raise NotFound(texts.is_gone(name))
        with self._access.acting(user, Action.DELETE, file.item, name):
            self._storage.delete((model_key(kind, name),))
        self.invalidate()

    def _files(self, *, refresh: bool) -> tuple[ModelFile, ...]:
        return tuple(self._with_owner(file) for file in self._listing.get(refresh=refresh))

    def _with_owner(self, file: ModelFile) -> ModelFile:
        owner = self._owner_now(file.owner, file.modified)
        return file if owner == file.owner else file.model_copy(update={"owner": owner})

    def _read(self) -> tuple[ModelFile, ...]:
        objects = [each for each in self._storage.list(MODELS) if parse_model_key(each.key)]
        with ThreadPoolExecutor(_READERS) as pool:
            files = list(pool.map(self._describe, objects))
        self._drop_absent({(each.key, each.etag) for each in objects})
        return tuple(sorted(files, key=lambda f: (f.kind.value, f.name.lower())))

    def _drop_absent(self, present: set[tuple[str, str]]) -> None:
        self._inspections = {k: v for k, v in self._inspections.items() if k in present}

    def _describe(self, summary: ObjectSummary) -> ModelFile:
        parsed = parse_model_key(summary.key)
        if parsed is None:
            raise InvalidInput(texts.no_model_key(summary.key))
        kind, name = parsed
        inspection = self._inspect(summary, kind)
        return ModelFile(
            key=summary.key,
            kind=kind,
            name=name,
            size=summary.size,
            modified=summary.modified,
            **inspection.model_dump(),
        )

    def _inspect(self, summary: ObjectSummary, kind: ModelKind) -> _Inspection:
        """What a file holds. Any error of one file is its own problem, never the listing's."""
        version = (summary.key, summary.etag)
        if version in self._inspections:
            return self._inspections[version]
        inspection = _Inspection()
        try:
            content = self._storage.read(summary.key, _FIRST_READ_BYTES) if summary.size else None
            inspection = _of_metadata(content.metadata if content else {})
            found = self._read_header(summary, kind, content)
            inspection = inspection.model_copy(update=found)
        except AwsError as error:
            log.warning("event=model_unreadable key=%s error=%s", summary.key, error)
            return inspection.model_copy(update={"problem": str(error)})
        except Exception:  # the edge of one file: the others stay usable whatever it holds
            log.exception("event=model_unreadable key=%s", summary.key)
            return inspection.model_copy(update={"problem": texts.IS_UNREADABLE})
        self._inspections[version] = inspection
        return inspection

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
        return {"family": family, "problem": problem, "description": _description(header)}

    def _whole_header(self, summary: ObjectSummary, first: bytes) -> bytes:
        size = header_size(first)
        if size <= len(first) or size > MAX_HEADER_BYTES:
            return first
        return self._storage.read(summary.key, size).data


def _of_metadata(metadata: Mapping[str, str]) -> _Inspection:
    owner = decode_value(metadata.get(OWNER_METADATA, SHARED))
    return _Inspection(sha256=metadata.get(HASH_METADATA), owner=owner)


def _description(header: Header) -> str:
    text = header.metadata.get("modelspec.description", "").strip()[:_MAX_DESCRIPTION]
    trigger = header.metadata.get("modelspec.trigger_phrase", "").strip()[:_MAX_DESCRIPTION]
    return " ".join(part for part in (text, trigger and texts.trigger_phrase(trigger)) if part)


def check_kind(classification: Classification, folder: ModelKind) -> tuple[Family, str | None]:
    """Family, and the problem of a file that nothing reads, or that is in another kind's folder."""
    family, kind = classification.family, classification.kind
    if classification.unsupported:
        return family, classification.unsupported
    if kind is None or kind is folder:
        return family, None
    return family, texts.other_kind(kind, folder)
