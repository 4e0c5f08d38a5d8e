"""The library of model files: lists them, and changes what is kept of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from core.aws.storage import Storage
from core.errors import NotFound
from core.ids import Clock
from core.models.editing import Edit, edited, with_layers
from core.models.files import HASH_METADATA, OWNER_METADATA, ModelFile, ModelHashes
from core.models.listing.listing import ModelListing, OwnerNow
from core.models.listing.records import ModelRecords
from core.models.metadata.fields import Layers, ModelFields
from core.models.metadata.records import ModelRecord
from core.models.trash import Trash
from core.records.interface import RecordStore
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import models as texts
from formats.keys import parse_model_key
from formats.models.kinds import ModelKind

__all__ = ["HASH_METADATA", "OWNER_METADATA", "ModelFile", "ModelHashes", "ModelLibrary"]


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
            self._trash.remove(key)
        self.invalidate()

    def sweep(self) -> None:
        """Remove what was in the trash for 30 days; a worker calls it. Raises AwsError."""
        if self._trash.sweep():
            self.invalidate()

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
        """Note that these are the bytes of the object with that ETag, as they were read here.

        Raises AwsError, Conflict.
        """
        found = {"etag": etag, "sha256": sha256, "auto_v3": auto_v3}

        def change(kept: ModelRecord) -> ModelRecord:
            return kept.model_copy(update={**found, "added": kept.added or self._clock()})

        self._records.change(key, change)
        self.invalidate()

    @contextmanager
    def _changing(self, user: User, file: ModelFile) -> Iterator[None]:
        with self._access.acting(user, Action.CHANGE, file.item, file.name):
            yield

    def _require(self, key: str) -> ModelFile:
        """The file, in the trash or not. Raises NotFound."""
        parsed = parse_model_key(key)
        file = self.find_any(*parsed) if parsed else None
        if file is None:
            raise NotFound(texts.is_gone(parsed[1] if parsed else key))
        return file


def _edit(wish: Edit, file: ModelFile) -> Callable[[ModelRecord], ModelRecord]:
    known_tags = file.known.fields.tags or ()
    return lambda record: edited(record, known_tags, wish)
