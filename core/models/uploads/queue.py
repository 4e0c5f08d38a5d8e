"""Runs uploads in the background, two at a time; any page may watch and cancel them."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from threading import Event, Lock
from typing import Any, Final

from core.errors import (
    ContrappostoError,
    InvalidDraft,
    InvalidInput,
    NotFound,
    Problem,
    UploadCancelled,
)
from core.ids import NewId
from core.models.service import ModelLibrary
from core.models.uploads.plan import UploadFile, UploadProgress, check_file
from core.models.uploads.resumable_transfer import Uploader
from core.models.uploads.roots import ANYWHERE, UploadRoots
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts import models as texts
from formats.frozen import Frozen
from formats.models.kinds import ModelKind

log = logging.getLogger(__name__)

MAX_CONCURRENT: Final = 2
MAX_PATHS: Final = 50


class UploadStage(StrEnum):
    """Where an upload is; the value is the word a user reads."""

    WAITING = "waiting"
    HASHING = "hashing"
    UPLOADING = "uploading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Upload(Frozen):
    """One file on its way; `done` and `size` in bytes."""

    id: str
    owner: str
    path: str
    name: str
    kind: ModelKind
    size: int
    stage: UploadStage = UploadStage.WAITING
    done: int = 0
    parts: int = 0
    parts_done: int = 0
    parts_skipped: int = 0
    message: str = ""

    @property
    def item(self) -> Item:
        """The file on its way, for the permission check."""
        return Item(kind=Kind.MODEL, owner=self.owner)

    @property
    def active(self) -> bool:
        """Whether it can still change."""
        return self.stage in (UploadStage.WAITING, UploadStage.HASHING, UploadStage.UPLOADING)

    @property
    def fraction(self) -> float:
        """How much of the present stage is done, 0 to 1."""
        if self.stage is UploadStage.DONE:
            return 1.0
        return min(1.0, self.done / self.size) if self.size else 0.0


class UploadQueue:
    """The uploads of this process; it forgets them when the process ends."""

    def __init__(
        self,
        uploader: Uploader,
        library: ModelLibrary,
        access: Access,
        new_id: NewId,
        roots: UploadRoots = ANYWHERE,
    ) -> None:
        self._uploader = uploader
        self._library = library
        self._access = access
        self._new_id = new_id
        self._roots = roots
        self._pool = ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="upload")
        self._lock = Lock()
        self._uploads: dict[str, Upload] = {}
        self._stops: dict[str, Event] = {}
        self.check_quota: Callable[[User, int], None] = lambda _user, _size: None
        """Raises QuotaExceeded where so many bytes more are too much for the user."""

    def start(
        self, user: User, paths: Sequence[str], kind: ModelKind | None, *, replace: bool = False
    ) -> tuple[Upload, ...]:
        """Check every path, then start them all. Raises InvalidDraft (a problem for each bad
        path, the path as its field) or QuotaExceeded before anything is sent."""
        self._access.require(user, Action.CREATE, Item(kind=Kind.MODEL, owner=user.name))
        files = _check_all(_clean_paths(paths), kind, self._roots)
        self.check_quota(user, sum(file.size for file in files))
        return tuple(self._enqueue(user, file, replace=replace) for file in files)

    def list(self, user: User) -> tuple[Upload, ...]:
        """The uploads the user may see, newest first."""
        with self._lock:
            uploads = tuple(reversed(self._uploads.values()))
        return tuple(u for u in uploads if self._access.may(user, Action.SEE, u.item))

    def active_bytes(self, owner: str) -> int:
        """Of the files that are on their way for somebody."""
        with self._lock:
            return sum(u.size for u in self._uploads.values() if u.active and u.owner == owner)

    def cancel(self, user: User, upload_id: str) -> None:
        """Stop an upload; what was sent stays for a later resume. Raises NotFound."""
        with self._lock:
            upload, stop = self._uploads.get(upload_id), self._stops.get(upload_id)
        if upload is None or stop is None:
            raise NotFound(texts.UPLOAD_IS_OVER)
        with self._access.acting(user, Action.CHANGE, upload.item, upload.name, AuditEvent.CANCEL):
            stop.set()

    def clear(self, user: User) -> None:
        """Remove the ended uploads that the user may change from the list."""
        may = self._access.may
        ended = [u.id for u in self.list(user) if not u.active and may(user, Action.CHANGE, u.item)]
        with self._lock:
            for upload_id in ended:
                self._uploads.pop(upload_id, None)

    def close(self) -> None:
        """Stop everything; called when the dashboard ends."""
        with self._lock:
            stops = list(self._stops.values())
        for stop in stops:
            stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _enqueue(self, user: User, file: UploadFile, *, replace: bool) -> Upload:
        upload = Upload(
            id=self._new_id(),
            owner=user.name,
            path=str(file.path),
            name=file.name,
            kind=file.kind,
            size=file.size,
        )
        with self._lock:
            active = (u for u in self._uploads.values() if u.active)
            duplicates = (u for u in active if (u.path, u.kind) == (upload.path, upload.kind))
            if duplicate := next(duplicates, None):
                return duplicate
            self._uploads[upload.id] = upload
            self._stops[upload.id] = Event()
        self._pool.submit(self._run, upload.id, file, user, replace=replace)
        return upload

    def _run(self, upload_id: str, file: UploadFile, user: User, *, replace: bool) -> None:
        stop = self._stops[upload_id]
        report = self._reporter(upload_id)
        try:
            item = Item(kind=Kind.MODEL, owner=user.name)
            with self._access.acting(user, Action.CREATE, item, file.name):
                self._uploader.upload(file, user.name, report, stop, replace=replace)
            self._library.invalidate()
            self._change(upload_id, stage=UploadStage.DONE)
        except UploadCancelled as error:
            self._change(upload_id, stage=UploadStage.CANCELLED, message=str(error))
        except (ContrappostoError, OSError) as error:
            self._change(upload_id, stage=UploadStage.FAILED, message=str(error))
        except Exception:  # the worker's edge: an unknown error must end the upload, not hang it
            log.exception("event=upload_failed id=%s", upload_id)
            self._change(upload_id, stage=UploadStage.FAILED, message=texts.UPLOAD_FAILED)
        finally:
            with self._lock:
                self._stops.pop(upload_id, None)

    def _reporter(self, upload_id: str) -> Callable[[UploadProgress], None]:
        def report(progress: UploadProgress) -> None:
            self._change(upload_id, **progress.model_dump())

        return report

    def _change(self, upload_id: str, **changes: Any) -> None:
        with self._lock:
            upload = self._uploads.get(upload_id)
            if upload is not None:
                stage = UploadStage(changes.pop("stage"))
                self._uploads[upload_id] = upload.model_copy(update={**changes, "stage": stage})


def _clean_paths(paths: Sequence[str]) -> list[str]:
    cleaned = list(dict.fromkeys(path.strip().strip("'\"") for path in paths if path.strip()))
    if not cleaned:
        raise InvalidInput(texts.NO_PATHS, "paths")
    if len(cleaned) > MAX_PATHS:
        raise InvalidInput(texts.too_many_paths(len(cleaned), MAX_PATHS), "paths")
    return cleaned


def _check_all(
    paths: Sequence[str], kind: ModelKind | None, roots: UploadRoots
) -> list[UploadFile]:
    files, problems = [], []
    for path in paths:
        try:
            files.append(check_file(path, kind, roots))
        except InvalidInput as error:
            problems.append(Problem(path, str(error)))
    if problems:
        raise InvalidDraft(tuple(problems))
    return files
