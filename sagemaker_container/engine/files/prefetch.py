"""Brings the next job's files to the disk in a thread, while the worker draws the present one.

The thread only downloads: building a network in it would break the one that draws (accelerate's
`init_empty_weights` patches module registration for the whole process).
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from formats.generation.named_files import named_files
from formats.generation.request import GenerationRequest
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.model_file import ModelFile
from sagemaker_container.errors import JobCancelled, JobError

_log = logging.getLogger(__name__)
_CHECK_SECONDS: Final = 0.25

Fetch = Callable[[ModelKind, str, Mapping[str, str], Callable[[], None]], ModelFile]
"""`Fetcher.fetch`."""


class Prefetcher:
    """At most one job's files at a time, and none while a job fetches its own."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._wanted: GenerationRequest | None = None
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._paused = False

    def start(self, request: GenerationRequest) -> None:
        """Begin with a job's files, in place of what was under way; in a pause, after it."""
        if self._wanted and request.id == self._wanted.id:
            return
        self._wanted = request
        if not self._paused:
            self._begin(request)

    @contextmanager
    def paused(self, request: GenerationRequest, check: Callable[[], None]) -> Iterator[None]:
        """While a job fetches: its own files on the way are waited for, another's go on later.

        What `check` raises ends the waiting.
        """
        self._paused = True
        try:
            if self._wanted and self._wanted.id == request.id:
                self._wanted = None
            else:
                self._stopped.set()
            self._wait(check)
            yield
        finally:
            self._stopped.set()
            self._paused = False
            if self._wanted:
                self._begin(self._wanted)

    def _wait(self, check: Callable[[], None]) -> None:
        """A stopped thread goes on for as long as S3 takes to answer its last request."""
        while self._thread and self._thread.is_alive():
            check()
            self._thread.join(_CHECK_SECONDS)

    def _begin(self, request: GenerationRequest) -> None:
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
        former: threading.Thread | None,
        request: GenerationRequest,
        stopped: threading.Event,
    ) -> None:
        """The waiting is this thread's; the one that draws has none."""
        if former:
            former.join()
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
            # The job itself meets it again when its turn comes, and says so to its user.
            _log.info("event=prefetch_failed job=%s error=%r", request.id, str(error))
