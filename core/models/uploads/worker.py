"""Runs one upload to its end, whatever its source, and says what came of it."""

import logging
from typing import Any, Final

from core.errors import (
    AwsThrottled,
    AwsUnreachable,
    ContrappostoError,
    RemoteError,
    SourceIsAway,
    UploadCancelled,
)
from core.models.uploads.live import LiveUpload
from core.models.uploads.planning.roots import UploadRoots
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sending.local_file import LocalFiles, is_within_reach
from core.models.uploads.sending.remote import RemoteFiles
from core.models.uploads.sending.s3_copy import S3Copies
from core.models.uploads.sending.stream import RemoteUploads
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sending.verification import Verification
from core.models.uploads.sources import BrowserSource, PathSource, S3Source, UrlSource
from core.texts.models import uploads as texts

log = logging.getLogger(__name__)

_TRIES: Final = 8
"""Failures in a row without a byte between them, before an upload fails."""
_LONGEST_WAIT: Final = 30.0


class UploadWorker:
    """Sends, verifies and ends uploads."""

    def __init__(
        self, targets: UploadTargets, roots: UploadRoots, remote: RemoteFiles | None
    ) -> None:
        self._targets = targets
        self._roots = roots
        self._verification = Verification(targets)
        self._files = LocalFiles(targets, roots, self._verification)
        self._copies = S3Copies(targets, self._files, self._verification)
        self._remote = RemoteUploads(targets, self._files, self._verification, remote)

    def can_reach(self, upload: Upload) -> bool:
        """Whether this process can go on with it by itself."""
        source = upload.source
        if isinstance(source, PathSource) and upload.stage is not UploadStage.VERIFYING:
            return is_within_reach(upload, source, self._roots)
        if isinstance(source, UrlSource):
            return self._remote.can_reach
        return isinstance(source, S3Source) or upload.stage is UploadStage.VERIFYING

    def run(self, live: LiveUpload) -> None:
        """Work on it until it is over or told to stop; what came of it is in `live`."""
        try:
            self._run(live)
            ended: dict[str, Any] = {"stage": UploadStage.DONE}
        except UploadCancelled:
            ended = self._stopped(live)
        except SourceIsAway as error:
            ended = {"stage": UploadStage.PAUSED, "message": str(error)}
        except (ContrappostoError, OSError) as error:
            ended = {"stage": UploadStage.FAILED, "message": str(error)}
        except Exception:  # the worker's edge: an unknown error must end the upload, not hang it
            log.exception("event=upload_failed id=%s", live.upload.id)
            ended = {"stage": UploadStage.FAILED, "message": texts.UPLOAD_FAILED}
        live.end(**ended)

    def discard(self, upload: Upload) -> None:
        """Remove what S3 has of an upload that was cancelled. Raises AwsError."""
        self._targets.abort(upload)

    def _run(self, live: LiveUpload) -> None:
        """Try again where AWS or a site does not answer for a while."""
        failures, furthest = 0, -1
        while True:
            try:
                self._send(live)
                return
            except (AwsUnreachable, AwsThrottled, RemoteError) as error:
                if isinstance(error, RemoteError) and not error.can_retry:
                    raise
                live.check()
                moved = live.upload.parts_done > furthest
                furthest = max(furthest, live.upload.parts_done)
                failures = 1 if moved else failures + 1
                if failures >= _TRIES:
                    raise
                live.report(message=_waiting(error), bytes_per_second=0.0)
                live.stop.wait(_pause(error, failures))
                live.check()
                live.report(message="")

    def _send(self, live: LiveUpload) -> None:
        source = live.upload.source
        if isinstance(source, PathSource):
            self._files.send(live, source)
        elif isinstance(source, UrlSource):
            self._remote.send(live, source)
        elif isinstance(source, S3Source):
            self._copies.send(live, source)
        elif isinstance(source, BrowserSource):
            self._verification.run(live)

    def _stopped(self, live: LiveUpload) -> dict[str, Any]:
        """As a person wanted; where the dashboard ends, it waits for another start."""
        if live.wish is Wish.CANCEL:
            try:
                self.discard(live.upload)
            except ContrappostoError as error:  # the sweep removes it later
                log.warning("event=parts_stay id=%s error=%s", live.upload.id, error)
            return {"stage": UploadStage.CANCELLED, "message": texts.UPLOAD_CANCELLED}
        if live.wish is Wish.PAUSE:
            return {"stage": UploadStage.PAUSED, "message": ""}
        is_verifying = live.upload.stage is UploadStage.VERIFYING
        return {} if is_verifying else {"stage": UploadStage.WAITING}


def _waiting(error: ContrappostoError) -> str:
    return texts.SITE_IS_SILENT if isinstance(error, RemoteError) else texts.AWS_IS_SILENT


def _pause(error: ContrappostoError, failures: int) -> float:
    """Seconds until the next try; what a site asked for, within bounds."""
    asked = error.retry_after if isinstance(error, RemoteError) else None
    return min(_LONGEST_WAIT, max(asked or 0.0, float(1 << (failures - 1))))
