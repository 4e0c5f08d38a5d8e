"""The library of model files: lists them, and changes what is kept of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from core.aws.storage import Storage
from core.errors import NotFound
from core.ids import Clock
from core.models.editing import Edit, edited, with_layers
from core.models.favourites import Favourites
from core.models.files import (
    HASH_METADATA,
    OWNER_METADATA,
    VERIFICATION_METADATA,
    ModelFile,
)
from core.models.listing.listing import ModelListing, OwnerNow
from core.models.listing.records import ModelRecords
from core.models.metadata.fields import Layers, ModelFields
from core.models.metadata.records import ModelRecord
from core.models.metadata.side_cars import is_preview, preview_of, read_side_car
from core.models.thumbnails import Thumbnails
from core.models.trash import OUT_OF_TRASH, Trash
from core.models.uses import ModelUses, NamedFile, Uses, used_by
from core.records.interface import RecordStore
from core.records.recent_answers import RecentAnswers
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import models as texts
from formats.keys import model_key, parse_model_key
from formats.models.kinds import ModelKind

__all__ = [
    "HASH_METADATA",
    "OWNER_METADATA",
    "VERIFICATION_METADATA",
    "Favourites",
    "ModelFile",
    "ModelLibrary",
    "ModelUses",
    "Uses",
]


class ModelLibrary(ModelListing):
    """The model files of the bucket; every change passes the permission check and the audit."""

    def __init__(
        self,
        storage: Storage,
        records: RecordStore,
        access: Access,
        clock: Clock,
        owner_now: OwnerNow = lambda owner, _modified: owner,
    ) -> None:
        model_records = ModelRecords(records, clock)
        super().__init__(storage, model_records, access, clock, owner_now)
        self._clock = clock
        self._trash = Trash(storage, model_records, clock)
        self._thumbnails = Thumbnails(storage, clock)
        self._favourites = Favourites(records, clock)
        self._in_use = RecentAnswers[frozenset[NamedFile]](clock)
        self.others = ModelUses()
        """What the library asks of jobs and forms; the studio gives it."""

    def put_in_trash(self, user: User, kind: ModelKind, name: str) -> None:
        """Hide a file from lists and jobs; after 30 days it is gone. Raises NotFound, NotAllowed,
        AwsError, Conflict."""
        file = self.find(user, kind, name)
        if file is None:
            raise NotFound(texts.is_gone(name))
        with self._access.acting(user, Action.DELETE, file.item, name, AuditEvent.TRASH):
            self._trash.put(file, user.name)

    def restore(self, user: User, key: str) -> None:
        """Take a file out of the trash. Raises NotFound, NotAllowed, AwsError, Conflict."""
        file = self._require(key)
        with self._access.acting(user, Action.DELETE, file.item, file.name, AuditEvent.RESTORE):
            self._trash.take_out(key)

    def delete_now(self, user: User, key: str) -> None:
        """Remove a file for good, from the trash or not. Raises NotFound, NotAllowed, AwsError."""
        file = self._require(key)
        with self._access.acting(user, Action.DELETE, file.item, file.name):
            self._trash.remove(key, self._beside(key))
        self.invalidate()

    def sweep(self) -> None:
        """Remove what was in the trash for 30 days, and thumbnails that no file shows; a worker
        calls it. Raises AwsError."""
        records = self._records.stored()
        if self._trash.sweep(records, self._beside):
            self.invalidate()
        self._thumbnails.sweep(one.value for one in records)

    def edit(
        self,
        user: User,
        keys: Sequence[str],
        changes: ModelFields,
        clear: Sequence[str] = (),
        *,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
    ) -> None:
        """Keep what a person says of one file or of many: `changes` without its Nones.

        The fields that `clear` names lose what a person said, so that what others say counts.
        A new `title` is a new name to people; the file keeps its own. Raises NotFound, NotAllowed
        and InvalidInput before anything is kept; AwsError, Conflict.
        """
        wish = Edit(
            changes=changes,
            clear=frozenset(clear),
            add_tags=tuple(add_tags),
            remove_tags=tuple(remove_tags),
        )
        files = [self._require(key) for key in keys]
        for file in files:
            _edit(wish, file)(file.record)
        # Those that the user may not change come first: then none is changed.
        for file in sorted(files, key=lambda f: self._access.may(user, Action.CHANGE, f.item)):
            with self._changing(user, file):
                self._records.change(file.key, _edit(wish, file))

    def add_layers(self, key: str, layers: Layers) -> None:
        """Keep what a site or a side-car says of a file. Raises AwsError, Conflict, InvalidInput
        where it is too much."""
        self._records.change(key, lambda kept: with_layers(kept, layers))

    def verified(self, key: str, etag: str, sha256: str, auto_v3: str = "") -> None:
        """Note that these are the bytes of the object with that ETag, as they were read here: an
        upload ended, so that a file of its name is in the trash no more, not even the same one.

        Raises AwsError, Conflict.
        """
        found = {"etag": etag, "sha256": sha256, "auto_v3": auto_v3, **OUT_OF_TRASH}

        def change(kept: ModelRecord) -> ModelRecord:
            return kept.model_copy(update={**found, "added": kept.added or self._clock()})

        self._records.change(key, change)
        self.invalidate()

    def set_thumbnail(self, user: User, key: str, image: bytes) -> None:
        """Show an image on a file's card. Raises NotFound, NotAllowed, InvalidInput, AwsError."""
        with self._changing(user, self._require(key)):
            self._show(key, self._thumbnails.keep(image))

    def use_result(self, user: User, key: str, job_id: str, index: int) -> None:
        """Show image `index` of a job on a file's card: who may see the file sees it from then on.

        Raises NotFound, NotAllowed for an image that the user may not see, AwsError.
        """
        with self._changing(user, self._require(key)):
            self._show(key, self._thumbnails.keep(self.others.image(user, job_id, index)))

    def clear_thumbnail(self, user: User, key: str) -> None:
        """Show none. Raises NotFound, NotAllowed, AwsError."""
        with self._changing(user, self._require(key)):
            self._show(key, "")

    def add_thumbnail(self, key: str, image: bytes) -> None:
        """Show an image that came with a file, where nobody chose one. Raises InvalidInput,
        AwsError, Conflict."""
        sha256 = self._thumbnails.keep(image)

        def change(kept: ModelRecord) -> ModelRecord | None:
            return None if kept.thumbnail else kept.model_copy(update={"thumbnail": sha256})

        self._records.change(key, change)

    def add_side_car(self, user: User, key: str, name: str, data: bytes) -> None:
        """Keep what a side-car that a person gives says of a file, or show the image that it is.

        A side-car's own image is shown where nobody chose one. Raises NotFound, NotAllowed,
        InvalidInput for what is neither, AwsError, Conflict.
        """
        with self._changing(user, self._require(key)):
            if is_preview(name):
                self._show(key, self._thumbnails.keep(data))
                return
            source, fields = read_side_car(name, data)
            self.add_layers(key, {source: fields})
            if image := preview_of(name, data):
                self.add_thumbnail(key, image.data)

    def favourites(self, user: User) -> frozenset[str]:
        """Keys of the files that the user likes best. Raises AwsError."""
        return self._favourites.of(user.name)

    def set_favourite(self, user: User, key: str, *, is_favourite: bool) -> None:
        """Add a file to the user's favourites, or take it out. Raises NotFound, InvalidInput for
        too many, AwsError, Conflict."""
        if is_favourite:
            self._require(key)
        self._favourites.set(user.name, key, is_favourite=is_favourite)

    def uses(self, user: User, key: str) -> Uses:
        """What names a file now, so that its deletion would be missed. Raises NotFound, NotAllowed,
        AwsError."""
        file = self._require(key)
        self._access.require(user, Action.SEE, file.item, file.name)
        return Uses(
            open_jobs=self.others.open_jobs(file.kind, file.name),
            forms=self.others.forms(file.kind, file.name),
        )

    def in_use(self, user: User) -> frozenset[str]:
        """Keys of the files that any open job or saved form names, as it was ten seconds ago at
        most. Raises AwsError."""
        files = {(file.kind, file.name): file.key for file in self.list(user)}
        named = self._in_use.get("", lambda: self.others.in_use(files))
        return frozenset(files[each] for each in named if each in files)

    def count_job(self, job_id: str, ended_at: datetime, files: Iterable[NamedFile]) -> None:
        """Note an ended job with each file that it used, once; one write for each.

        Raises AwsError, Conflict.
        """
        for kind, name in dict.fromkeys(files):
            key = model_key(kind, name)
            self._records.change(key, lambda kept: used_by(kept, job_id, ended_at))

    def recent_jobs(self, user: User, key: str) -> tuple[str, ...]:
        """Ids of the latest jobs that used a file, of those that the user may see, the newest
        first. Raises AwsError."""
        record = self._records.all().get(key, ModelRecord())
        return self.others.seen_jobs(user, record.recent_jobs)

    def _show(self, key: str, sha256: str) -> None:
        self._records.change(key, lambda kept: kept.model_copy(update={"thumbnail": sha256}))

    @contextmanager
    def _changing(self, user: User, file: ModelFile) -> Iterator[None]:
        with self._access.acting(user, Action.CHANGE, file.item, file.name):
            yield

    def _require(self, key: str) -> ModelFile:
        """The file, in the trash or not. Raises NotFound."""
        file = self._file_of(key)
        if file is None:
            parsed = parse_model_key(key)
            raise NotFound(texts.is_gone(parsed[1] if parsed else key))
        return file


def _edit(wish: Edit, file: ModelFile) -> Callable[[ModelRecord], ModelRecord]:
    known_tags = file.known.fields.tags or ()
    return lambda record: edited(record, known_tags, wish)
