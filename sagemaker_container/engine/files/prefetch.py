"""Fetches the next job's files in a thread, while the worker runs the current job.

The thread only downloads. It must not build networks: accelerate's `init_empty_weights` patches
module registration for the whole process, and so would break the job that runs.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from formats.generation.named_files import named_files
from formats.generation.request import GenerationRequest
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.errors import JobCancelled, JobError

_log = logging.getLogger(__name__)
_CHECK_SECONDS: Final = 0.25

Fetch = Callable[[ModelKind, str, Mapping[str, str], Callable[[], None]], WeightsFile]
"""`FileFetcher.fetch`."""


class Prefetcher:
    """Fetches at most one job's files at a time, and none while a job fetches its own."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._next: GenerationRequest | None = None
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._is_paused = False

    def start(self, request: GenerationRequest) -> None:
        """Fetch a job's files instead of those being fetched; during a pause, after it."""
        if self._next and request.id == self._next.id:
            return
        self._next = request
        if not self._is_paused:
            self._start_thread(request)

    @contextmanager
    def paused(self, request: GenerationRequest, check: Callable[[], None]) -> Iterator[None]:
        """Pause while a job fetches its files. If they are being fetched, wait for them first.

        What `check` raises ends the waiting. Another job's files are fetched after the pause.
        """
        self._is_paused = True
        try:
            if self._next and self._next.id == request.id:
                self._next = None
            else:
                self._stopped.set()
            self._join_thread(check)
            yield
        finally:
            self._stopped.set()
            self._is_paused = False
            if self._next:
                self._start_thread(self._next)

    def _join_thread(self, check: Callable[[], None]) -> None:
        """Even a stopped thread runs until S3 has answered its last request."""
        while self._thread and self._thread.is_alive():
            check()
            self._thread.join(_CHECK_SECONDS)

    def _start_thread(self, request: GenerationRequest) -> None:
        self._stopped.set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run_after,
            args=(self._thread, request, self._stopped),
            name="prefetch",
            daemon=True,
        )
        self._thread.start()

    def _run_after(
        self,
        previous: threading.Thread | None,
        request: GenerationRequest,
        stopped: threading.Event,
    ) -> None:
        """Wait for the previous thread here, so that the inference thread need not."""
        if previous:
            previous.join()
        self._run(request, stopped)

    def _run(self, request: GenerationRequest, stopped: threading.Event) -> None:
        def check() -> None:
            if stopped.is_set():
                raise JobCancelled

        try:
            for kind, name in named_files(request):
                check()
                file = self._fetch(kind, name, request.hashes, check)
                _log.info("event=prefetched job=%s file=%s tier=%s", request.id, name, file.tier)
        except JobCancelled:
            _log.info("event=prefetch_stopped job=%s", request.id)
        except (JobError, ValueError, OSError) as error:
            # The job will meet the same error when it runs, and tell its user.
            _log.info("event=prefetch_failed job=%s error=%r", request.id, str(error))
