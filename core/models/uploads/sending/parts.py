"""Sends the parts of a multipart upload, several at a time, and tells how many bytes have gone."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from threading import Lock
from types import TracebackType
from typing import IO, Final, Self, cast

from core.errors import AwsError, UploadCancelled
from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import DAMAGED, Multipart, StoredPart
from core.texts.models import uploads as texts

IN_FLIGHT: Final = 4
_LEAST_READ: Final = 1 << 20
"""urllib3 asks for 16 KiB at a time and sends what it gets: fewer, larger reads cost less."""
_TOLD_EVERY: Final = 1 << 20
"""Bytes between two reports of one part."""

OpenBody = Callable[[], AbstractContextManager[IO[bytes]]]
"""Opens a part's bytes, once more for each try."""


class PartsInFlight:
    """The parts of one upload on their way; `send` waits where enough of them are.

    Used as a context: at its end no part is under way any more.
    """

    def __init__(
        self, multipart: Multipart, live: LiveUpload, present: dict[int, StoredPart], parts: int = 0
    ) -> None:
        self._multipart = multipart
        self._live = live
        self._stored = dict(present)
        self._skipped = len(present)
        self._parts = parts
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="part")
        self._futures: set[Future[StoredPart]] = set()
        self._lock = Lock()
        self._sent: dict[int, int] = {}
        """Bytes that have left of each part under way."""
        self._tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def send(self, number: int, checksum: str, open_body: OpenBody) -> Future[StoredPart]:
        """Begin to send a part. Raises what befell an earlier one, UploadCancelled."""
        while len(self._futures) >= IN_FLIGHT:
            self._collect()
        self._live.check()
        future = self._pool.submit(self._send, number, checksum, open_body)
        self._futures.add(future)
        return future

    def keep(self, part: StoredPart) -> None:
        """Count a part that S3 has already."""
        with self._lock:
            self._stored[part.number] = part
            self._skipped += 1
        self._tell()

    def finish(self) -> list[StoredPart]:
        """Wait for all; the parts in order. Raises AwsError, UploadCancelled."""
        while self._futures:
            self._collect()
        return [self._stored[number] for number in sorted(self._stored)]

    def _collect(self) -> None:
        done, self._futures = wait(self._futures, return_when=FIRST_COMPLETED)
        for future in done:
            part = future.result()
            with self._lock:
                self._stored[part.number] = part
                self._sent.pop(part.number, None)
            self._tell()

    def _send(self, number: int, checksum: str, open_body: OpenBody) -> StoredPart:
        """Send one; once more where it arrived damaged."""
        for is_last in (False, True):
            self._live.check()
            try:
                return self._try(number, checksum, open_body)
            except AwsError as error:
                if self._live.breaks_off:
                    raise UploadCancelled(texts.UPLOAD_CANCELLED) from error
                if error.code not in DAMAGED:
                    raise
                if is_last:
                    said = texts.damaged_twice(number, self._live.upload.name)
                    raise AwsError(said, error.code) from error
        raise UploadCancelled(texts.UPLOAD_CANCELLED)

    def _try(self, number: int, checksum: str, open_body: OpenBody) -> StoredPart:
        upload = self._live.upload
        with open_body() as body:
            counted = cast("IO[bytes]", _Counted(body, lambda count: self._note(number, count)))
            return self._multipart.send(
                upload.sent_key, upload.multipart_id, number, counted, checksum
            )

    def _note(self, number: int, count: int) -> None:
        if self._live.breaks_off:
            raise UploadCancelled(texts.UPLOAD_CANCELLED)
        with self._lock:
            told = self._sent.get(number, 0)
            if abs(count - told) < _TOLD_EVERY:
                return
            self._sent[number] = count
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            stored = list(self._stored.values())
            done = sum(part.size for part in stored) + sum(self._sent.values())
        self._live.report(
            done=done,
            parts=max(self._parts, len(stored)),
            parts_done=len(stored),
            parts_skipped=self._skipped,
        )


class _Counted:
    """A part's bytes that tells how far they were read, as boto3 needs them: it finds their size
    and begins again by `seek`."""

    def __init__(self, body: IO[bytes], on_read: Callable[[int], None]) -> None:
        self._body = body
        self._on_read = on_read

    def read(self, size: int = -1) -> bytes:
        data = self._body.read(max(size, _LEAST_READ) if size >= 0 else size)
        if data:
            self._on_read(self._body.tell())
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._body.seek(offset, whence)

    def tell(self) -> int:
        return self._body.tell()
