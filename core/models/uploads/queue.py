"""The one list of uploads from every source: begun, paused, resumed, tried again, cancelled."""

from collections.abc import Collection, Sequence
from functools import partial

from core.errors import Conflict, NotFound
from core.models.uploads.browser import BROWSER, BrowserUploads
from core.models.uploads.multipart import OpenUpload
from core.models.uploads.planning.new_upload import (
    FoundPaths,
    NewUpload,
    StartedPaths,
    find_same,
    new_of_file,
)
from core.models.uploads.planning.path_expansion import expand
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sending.s3_copy import find_object
from core.models.uploads.sending.verification import source_of
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import SHARED, User
from core.texts.models import uploads as texts
from formats.models.kinds import ModelKind


class UploadQueue(BrowserUploads):
    """Uploads are records: they outlive the page, the process and the machine.

    Every method raises a kind of AwsError where the records or S3 can't be reached.
    """

    def start(self, user: User, sources: Sequence[NewUpload]) -> tuple[Upload, ...]:
        """Check every source, then begin them all.

        What is under way already goes on. Raises InvalidDraft with a problem for each bad source,
        QuotaExceeded, NotAllowed, before anything is sent.
        """
        with self.access.acting(user, Action.CREATE, _item_of(user)) as act:
            checked = self._checks.check_all(sources)
            act.name(*(upload.name or "" for upload in checked))
            return self._start(user, checked)

    def start_paths(
        self, user: User, paths: Sequence[str], kind: ModelKind | None, *, replace: bool = False
    ) -> StartedPaths:
        """The same for files, folders and globs on this machine."""
        with self.access.acting(user, Action.CREATE, _item_of(user)) as act:
            found = expand(paths, kind, self._roots)
            act.name(*(file.name for file in found.files))
            checked = [new_of_file(file, replace=replace) for file in found.files]
            return StartedPaths(started=self._start(user, checked), skipped=found.skipped)

    def look_at_paths(self, user: User, paths: Sequence[str], kind: ModelKind | None) -> FoundPaths:
        """What `start_paths` would take. Raises InvalidDraft, NotAllowed."""
        self.access.require(user, Action.SEE, _item_of(user))
        found = expand(paths, kind, self._roots)
        return FoundPaths(tuple(map(new_of_file, found.files)), found.skipped)

    def look_at_address(self, user: User, address: str, kind: ModelKind | None = None) -> NewUpload:
        """What an `s3://` address would bring, its kind read from its header.

        Raises InvalidInput, NotFound, NotAllowed.
        """
        self.access.require(user, Action.SEE, _item_of(user))
        version = find_object(self._reader, address)
        return self._checks.checked_object(NewUpload(source=source_of(version), kind=kind), version)

    def list(self, user: User) -> tuple[Upload, ...]:
        """The uploads the user may see, newest first."""
        return tuple(u for u in self.all() if self.access.may(user, Action.SEE, u.item))

    def abandoned(self, user: User) -> tuple[OpenUpload, ...]:
        """Parts in S3 that no upload goes on with; they are removed after 7 days."""
        self.access.require(user, Action.SEE, Item(kind=Kind.MODEL, owner=SHARED))
        return self.sweep.abandoned()

    def remove_abandoned(self, user: User, upload: OpenUpload) -> None:
        """Remove such parts now. Raises NotAllowed."""
        item = Item(kind=Kind.MODEL, owner=SHARED)
        with self.access.acting(user, Action.DELETE, item, upload.key, AuditEvent.CLEAN_UP):
            self.sweep.remove(upload.id)

    def pause(self, user: User, upload_id: str) -> None:
        """Stop an upload where it is; its parts stay. Raises NotFound, Conflict, NotAllowed."""
        self._wish(user, upload_id, Wish.PAUSE, AuditEvent.CHANGE)

    def cancel(self, user: User, upload_id: str) -> None:
        """End an upload and remove its parts. Raises NotFound where it is over, NotAllowed."""
        self._wish(user, upload_id, Wish.CANCEL, AuditEvent.CANCEL)

    def resume(self, user: User, upload_id: str) -> None:
        """Go on with a paused upload. Raises NotFound, Conflict, NotAllowed."""
        upload = self.find(user, upload_id)
        with self.access.acting(user, Action.CHANGE, upload.item, upload.name):
            is_paused = upload.stage is UploadStage.PAUSED or upload.wish is Wish.PAUSE
            if not is_paused or not upload.active:
                raise Conflict(texts.NOT_RESUMABLE)
            self._again(upload)

    def retry(self, user: User, upload_id: str) -> None:
        """Try one again that failed or was cancelled. Raises NotFound, Conflict, NotAllowed."""
        upload = self.find(user, upload_id)
        with self.access.acting(user, Action.CHANGE, upload.item, upload.name, AuditEvent.RETRY):
            if upload.stage not in (UploadStage.FAILED, UploadStage.CANCELLED):
                raise Conflict(texts.NOT_RETRIABLE)
            self._again(upload)

    def clear(self, user: User) -> None:
        """Remove the ended uploads that the user may change from the list."""
        may = self.access.may
        ended = [u for u in self.list(user) if not u.active and may(user, Action.CHANGE, u.item)]
        if not ended:
            return
        names = (upload.name for upload in ended)
        item = _item_of(user)
        with self.access.acting(user, Action.CHANGE, item, "", AuditEvent.CLEAN_UP) as act:
            act.name(*names)
            for upload in ended:
                self._records.delete(upload)
        self._expire()

    def active_count(self, owner: str) -> int:
        """How many uploads of somebody are under way."""
        return sum(upload.active for upload in self._of(owner))

    def remove_all(self, owner: str) -> None:
        """End somebody's uploads and forget them.

        Raises Conflict while one of them still stops; then it is to be called again.
        """
        for upload in self._of(owner):
            if upload.active:
                self._stop(upload, Wish.CANCEL)
        for upload in self._of(owner):
            if upload.active:
                raise Conflict(texts.STILL_ENDING)
            self._records.delete(upload)
        self._expire()

    def begin_work(self) -> None:
        """Take up what waits, now and then; called when the dashboard starts."""
        self._runner.start()

    def work_on(self, ids: Collection[str]) -> None:
        """Likewise, of these uploads alone."""
        self._runner.accepts = lambda upload: upload.id in ids
        self._runner.start()

    def close(self) -> None:
        """Let go of everything; what is not done goes on after the next start."""
        self._runner.close()

    # ---- what is begun

    def _start(self, user: User, checked: Sequence[NewUpload]) -> tuple[Upload, ...]:
        """All of them, those that are there already as they are."""
        known = [u for u in self._records.all() if u.owner == user.name]
        there = [find_same(known, new) for new in checked]
        fresh = [new for new, found in zip(checked, there, strict=True) if found is None]
        self.check_quota(user, sum(new.size or 0 for new in fresh))
        started = tuple(
            self._again(found) if found else self._add(user, new)
            for new, found in zip(checked, there, strict=True)
        )
        self._expire()
        self._runner.wake()
        return started

    def _add(self, user: User, new: NewUpload) -> Upload:
        now = self._clock()
        return self._records.add(
            Upload(
                id=self._new_id(),
                owner=user.name,
                source=new.source,
                name=new.name or "",
                kind=new.kind or ModelKind.CHECKPOINT,
                size=new.size,
                replace=new.replace,
                layers=new.layers,
                created=now,
                changed=now,
            )
        )

    def _of(self, owner: str) -> tuple[Upload, ...]:
        return tuple(upload for upload in self._records.all() if upload.owner == owner)

    # ---- what is wanted of one

    def _wish(self, user: User, upload_id: str, wish: Wish, event: AuditEvent) -> None:
        upload = self.find(user, upload_id)
        with self.access.acting(user, Action.CHANGE, upload.item, upload.name, event):
            self._stop(upload, wish)

    def _stop(self, upload: Upload, wish: Wish) -> None:
        after = self._records.change(upload, partial(_wished, wish=wish))
        if after is None or not after.active:
            raise NotFound(texts.UPLOAD_IS_OVER)
        self._runner.stop(upload.id, wish)
        if self._records.is_free(after):
            self._runner.settle(after)
        self._expire()

    def _again(self, upload: Upload) -> Upload:
        """Let one go on: one that works stays as it is."""

        def change(found: Upload) -> Upload:
            is_working = found.active and found.stage is not UploadStage.PAUSED
            stage = found.stage if is_working else UploadStage.WAITING
            changes = {"wish": Wish.RUN, "stage": stage, "message": ""}
            return found.model_copy(update=changes if found.active else changes | {"etag": ""})

        after = self._records.change(upload, change)
        if after is None:
            raise NotFound(texts.UPLOAD_IS_OVER)
        self._expire()
        self._runner.wake()
        return after


def _wished(found: Upload, wish: Wish) -> Upload:
    """With the wish, for whichever dashboard works on it; a browser asks no record."""
    lease = {"worker": "", "lease_until": None} if found.worker == BROWSER else {}
    return found.model_copy(update={"wish": wish} | lease) if found.active else found


def _item_of(user: User) -> Item:
    return Item(kind=Kind.MODEL, owner=user.name)
