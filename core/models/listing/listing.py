"""The model files as somebody may see them, and those in the trash apart."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from math import inf
from typing import Final, NamedTuple

from pydantic import ValidationError

from core.aws.shared_listing import SharedListing
from core.aws.storage import Storage
from core.errors import AwsError
from core.ids import Clock
from core.models.files import ModelFile
from core.models.listing.objects import ModelObjects, StoredModel
from core.models.listing.records import ModelRecords
from core.models.metadata.fields import FieldSource, merged
from core.models.metadata.records import ModelRecord
from core.team.access import Access
from core.team.permissions import Action
from core.team.users import User
from core.texts import models as texts
from core.texts.models import library
from formats.keys import model_key
from formats.models.kinds import ModelKind

log = logging.getLogger(__name__)

OwnerNow = Callable[[str, datetime], str]
"""Whose a file is, by the owner that it was stored with and its time."""

_NOTHING_KEPT: Final = ModelRecord()


class _Joined(NamedTuple):
    """The files with their records, and what they were made of."""

    stored: tuple[StoredModel, ...]
    records: Mapping[str, ModelRecord]
    files: Mapping[str, ModelFile]
    """By their keys."""


class ModelListing:
    """What the bucket holds, files that other tools put there too, and what is kept of them.

    A listing costs one call for each thousand files and one query for each page of records; a
    file's header is read once per version.
    """

    def __init__(
        self,
        storage: Storage,
        records: ModelRecords,
        access: Access,
        clock: Clock,
        owner_now: OwnerNow = lambda owner, _modified: owner,
    ) -> None:
        self._records = records
        self._access = access
        self._owner_now = owner_now
        self._listing = SharedListing(ModelObjects(storage).read, clock, fresh_seconds=inf)
        self._joined = _Joined((), {}, {})
        self._records_problem = ""
        self._was_asked = False

    def list(self, user: User, *, refresh: bool = False) -> tuple[ModelFile, ...]:
        """All files the user may use, by kind and name. Asks AWS only when told to, or at first.

        Where AWS does not answer, those of its last answer; `listing_problem` then says so.
        """
        return self._seen(user, (f for f in self._files(refresh=refresh) if not f.is_trashed))

    def trash(self, user: User) -> tuple[ModelFile, ...]:
        """The files in the trash that the user may see, what was put there last first."""
        trashed = [f for f in self._files() if f.is_trashed]
        return self._seen(user, sorted(trashed, key=_trashed_at, reverse=True))

    def listing_problem(self) -> str:
        """What AWS did not answer, and from when the list is; empty where it is up to date."""
        return self._listing.problem() or self._records_problem or self._records.problem()

    def of_kind(self, user: User, kind: ModelKind) -> tuple[ModelFile, ...]:
        """The files of one kind."""
        # Of this kind first: who may see a file is asked for each, on every run of a form.
        of_kind = (f for f in self._files() if f.kind is kind and not f.is_trashed)
        return self._seen(user, of_kind)

    def find(self, user: User, kind: ModelKind, name: str) -> ModelFile | None:
        """One file, or None; also where it is in the trash."""
        found = self.find_any(kind, name)
        is_seen = found is not None and self._access.may(user, Action.SEE, found.item)
        return found if found and is_seen and not found.is_trashed else None

    def find_any(self, kind: ModelKind, name: str) -> ModelFile | None:
        """The file of that name, in the trash or not, whoever may see it."""
        try:
            return self._file_of(model_key(kind, name))
        except ValidationError:
            return None

    def count_of(self, owner: str) -> int:
        """How many files somebody has, in the trash too."""
        return sum(file.owner == owner for file in self._files())

    def bytes_of(self, owner: str) -> int:
        """Of all files that somebody owns; those in the trash take their room too."""
        return sum(file.size for file in self._files() if file.owner == owner)

    def unverified(self) -> tuple[ModelFile, ...]:
        """Those whose bytes are yet to be compared; none before the list was first read."""
        files = self._joined_files().values() if self._joined.stored else ()
        return tuple(file for file in files if file.is_unverified)

    def invalidate(self) -> None:
        """Make the next list ask S3; called after an upload."""
        self._listing.expire()

    def look(self) -> None:
        """Read the records again where somebody looked at them since: another dashboard may have
        changed some. A worker calls it, so that no page waits. Raises AwsError."""
        if self._was_asked:
            self._was_asked = False
            self._records.all(refresh=True)

    def _beside(self, key: str) -> tuple[str, ...]:
        """Keys of a file's side-cars and previews that are of no other file."""
        files = tuple(self._files())
        others = {each for file in files if file.key != key for each in file.beside}
        own = (each for file in files if file.key == key for each in file.beside)
        return tuple(each for each in own if each not in others)

    def _seen(self, user: User, files: Iterable[ModelFile]) -> tuple[ModelFile, ...]:
        return tuple(f for f in files if self._access.may(user, Action.SEE, f.item))

    def _file_of(self, key: str) -> ModelFile | None:
        """The file under that key, in the trash or not."""
        found = self._joined_files().get(key)
        return self._with_owner(found) if found else None

    def _files(self, *, refresh: bool = False) -> Iterable[ModelFile]:
        return map(self._with_owner, self._joined_files(refresh=refresh).values())

    def _joined_files(self, *, refresh: bool = False) -> Mapping[str, ModelFile]:
        self._was_asked = True
        stored = self._listing.get(refresh=refresh)
        records = self._all_records(refresh=refresh)
        joined = self._joined
        if joined.stored is not stored or joined.records is not records:
            joined = self._joined = _Joined(stored, records, _join(stored, records, joined))
        return joined.files

    def _all_records(self, *, refresh: bool) -> Mapping[str, ModelRecord]:
        try:
            records = self._records.all(refresh=refresh)
        except AwsError as error:  # the files are there all the same
            log.warning("event=model_records_not_read error=%s", error)
            self._records_problem = library.records_not_read(str(error))
            return {}
        self._records_problem = ""
        return records

    def _with_owner(self, file: ModelFile) -> ModelFile:
        owner = self._owner_now(file.owner, file.modified)
        return file if owner == file.owner else file.model_copy(update={"owner": owner})


def _trashed_at(file: ModelFile) -> datetime:
    return file.record.trashed or file.modified


def _join(
    stored: tuple[StoredModel, ...], records: Mapping[str, ModelRecord], before: _Joined
) -> dict[str, ModelFile]:
    """The files by their keys; those of which nothing changed are the very same objects."""
    old = {one.summary.key: one for one in before.stored}

    def join(key: str, one: StoredModel) -> ModelFile:
        record = records.get(key, _NOTHING_KEPT)
        if old.get(key) == one and before.records.get(key, _NOTHING_KEPT) == record:
            return before.files[key]
        return _file(one, record)

    return {one.summary.key: join(one.summary.key, one) for one in stored}


def _file(stored: StoredModel, record: ModelRecord) -> ModelFile:
    summary, inspection = stored.summary, stored.inspection
    sha256, problem = inspection.sha256, inspection.problem
    is_verified = bool(record.sha256) and record.etag == summary.etag
    is_unverified = inspection.is_pending and not is_verified
    if inspection.is_pending:
        sha256 = record.sha256 if is_verified else None
        problem = texts.IS_BEING_VERIFIED if is_unverified else problem
    elif sha256 is None and is_verified:
        sha256 = record.sha256
    return ModelFile(
        key=summary.key,
        kind=stored.kind,
        name=stored.name,
        size=summary.size,
        modified=summary.modified,
        etag=summary.etag,
        family=inspection.family,
        prediction=inspection.prediction,
        few_step=inspection.few_step,
        sha256=sha256,
        owner=inspection.owner,
        is_unverified=is_unverified,
        problem=problem,
        record=record.model_copy(update={"recent_jobs": ()}),
        known=merged({FieldSource.HEADER: inspection.header, **record.layers, **stored.layers}),
        auto_v1=inspection.auto_v1,
        auto_v3=inspection.auto_v3,
        beside=stored.beside,
    )
