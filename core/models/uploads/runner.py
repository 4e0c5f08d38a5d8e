"""A dashboard's thread that takes up uploads which nobody works on, and keeps their records."""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Any, Final

from core.errors import ContrappostoError, UploadCancelled
from core.models.uploads.leases import UploadRecords
from core.models.uploads.live import LiveUpload
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sources import BrowserSource
from core.models.uploads.worker import UploadWorker
from core.texts.models import uploads as texts

log = logging.getLogger(__name__)

MAX_CONCURRENT: Final = 2
_TICK_SECONDS: Final = 0.2
_WRITE_SECONDS: Final = 2.0
"""At most so often progress is written into a record, and a person's wish read from it."""
_LOOK_SECONDS: Final = 10.0
"""Between two looks for uploads that nobody works on."""
_KEPT: Final = (
    *("source", "size", "stage", "multipart_id", "part_size", "etag", "done", "parts"),
    *("parts_done", "parts_skipped", "bytes_per_second", "sha256", "message"),
)
"""What the work on an upload changes of its record."""


class UploadRunner:
    """Works on two uploads at a time."""

    def __init__(
        self, records: UploadRecords, worker: UploadWorker, on_change: Callable[[], None]
    ) -> None:
        self._records = records
        self._worker = worker
        self._on_change = on_change
        self._lock = Lock()
        self._live: dict[str, LiveUpload] = {}
        self._written: dict[str, float] = {}
        self._threads: dict[str, Thread] = {}
        self._wake = Event()
        self._closing = Event()
        self._thread = Thread(target=self._loop, name="uploads", daemon=True)
        self.accepts: Callable[[Upload], bool] = lambda _upload: True
        """Which uploads this process takes up."""
        self.before_look: Callable[[], None] = lambda: None
        """Adds to the uploads what is yet to be one. Raises AwsError."""

    def start(self) -> None:
        """Begin to take up uploads."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def live(self) -> dict[str, Upload]:
        """Those that this process works on, as they are now, by their ids."""
        with self._lock:
            found = {key: live.shown for key, live in self._live.items()}
        return {key: upload for key, upload in found.items() if upload is not None}

    def stop(self, upload_id: str, wish: Wish) -> None:
        """Tell the work on an upload of this process to end."""
        with self._lock:
            live = self._live.get(upload_id)
        if live is not None:
            live.stop_for(wish)

    def close(self) -> None:
        """Let go of all uploads, which another start takes up again."""
        self._closing.set()
        self._wake.set()
        with self._lock:
            found = list(self._live.values())
        for live in found:
            live.stop_for(live.wish)
        if self._thread.is_alive():
            self._thread.join(30)

    def _loop(self) -> None:
        looked = -_LOOK_SECONDS
        while not self._closing.is_set():
            now = time.monotonic()
            if self._wake.is_set() or now - looked >= _LOOK_SECONDS:
                self._wake.clear()
                looked = now
                self._guarded(self._look)
            self._guarded(self._tick)
            self._wake.wait(_TICK_SECONDS if self._live else _LOOK_SECONDS)
        self._end()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except ContrappostoError as error:
            log.warning("event=step_failed worker=uploads error=%s", error)
        except Exception:  # the worker's edge: it must outlive any error
            log.exception("event=step_failed worker=uploads")

    def _end(self) -> None:
        for thread in list(self._threads.values()):
            thread.join(20)
        self._guarded(self._tick)

    # ---- what nobody works on

    def _look(self) -> None:
        """Take up what waits, the oldest first, and settle what people want of the rest."""
        self.before_look()
        for upload in reversed(self._records.all()):
            if self._closing.is_set():
                return
            if upload.active and upload.id not in self._live and self._records.is_free(upload):
                self._take_up(upload)

    def _take_up(self, upload: Upload) -> None:
        if upload.wish is not Wish.RUN:
            self.settle(upload)
        elif not self.accepts(upload):
            return
        elif self._worker.can_reach(upload):
            if len(self._live) < MAX_CONCURRENT:
                self._begin(upload)
        elif upload.stage is not UploadStage.PAUSED:
            self._pause(upload)

    def _pause(self, upload: Upload) -> None:
        """Its source is away, or it is a browser's that has gone."""
        is_browser = isinstance(upload.source, BrowserSource)
        message = texts.DROP_AGAIN if is_browser else texts.FILE_IS_AWAY
        ended = {"worker": "", "lease_until": None, "bytes_per_second": 0.0}
        if self._records.take(upload, stage=UploadStage.PAUSED, message=message, **ended):
            self._on_change()

    def settle(self, upload: Upload) -> None:
        """Do what a person wants of an upload that nobody works on. Raises AwsError."""
        stage = UploadStage.PAUSED if upload.wish is Wish.PAUSE else UploadStage.CANCELLED
        if upload.stage is stage:
            return
        if upload.wish is Wish.CANCEL:
            self._worker.discard(upload)
        message = texts.UPLOAD_CANCELLED if upload.wish is Wish.CANCEL else ""
        ended = {"worker": "", "lease_until": None, "bytes_per_second": 0.0, "message": message}
        if self._records.take(upload, stage=stage, **ended):
            self._on_change()

    def _begin(self, upload: Upload) -> None:
        taken = self._records.take(upload, message="")
        if taken is None:
            return
        live = LiveUpload(taken, self._save, time.monotonic)
        thread = Thread(target=self._work, args=(live,), name=f"upload-{upload.id}")
        with self._lock:
            self._live[upload.id] = live
        self._written[upload.id] = time.monotonic()
        self._threads[upload.id] = thread
        thread.start()

    def _work(self, live: LiveUpload) -> None:
        self._worker.run(live)
        self._wake.set()

    # ---- what this process works on

    def _tick(self) -> None:
        for upload_id, live in list(self._live.items()):
            if live.ended.is_set():
                self._finish(upload_id, live)
            elif time.monotonic() - self._written[upload_id] >= _WRITE_SECONDS:
                self._sync(upload_id, live)

    def _finish(self, upload_id: str, live: LiveUpload) -> None:
        """Write how it ended; the record's wish stays, so that a pause lasts."""
        self._records.keep(live.upload, _kept(live.upload), ends=True)
        with self._lock:
            del self._live[upload_id]
        del self._written[upload_id]
        self._threads.pop(upload_id).join()
        self._on_change()
        self._wake.set()

    def _sync(self, upload_id: str, live: LiveUpload) -> None:
        """Write how far it is, and do what a person asked another dashboard for."""
        after = self._records.keep(live.upload, _kept(live.upload))
        self._written[upload_id] = time.monotonic()
        if after is None:  # somebody else has it
            live.stop_for(Wish.RUN)
        elif after.wish is not Wish.RUN:
            live.stop_for(after.wish)

    def _save(self, upload: Upload, _changes: dict[str, Any]) -> None:
        if self._records.keep(upload, _kept(upload)) is None:
            raise UploadCancelled(texts.UPLOAD_CANCELLED)


def _kept(upload: Upload) -> dict[str, Any]:
    return {name: getattr(upload, name) for name in _KEPT}
