"""Fetches what the next jobs need in a thread, while the worker runs the current ones.

The thread downloads and reads. It must not build networks: accelerate's `init_empty_weights`
patches module registration for the whole process, and so would break the job that runs.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from formats.generation.request import GenerationRequest
from sagemaker_container.errors import JobCancelled, JobError

_log = logging.getLogger(__name__)

MAX_JOBS: Final = 16
"""Of each kind that are kept: to be fetched, and fetched. The oldest go first: their job may have
been cancelled."""
_CHECK_SECONDS: Final = 0.25

Inputs = TypeVar("Inputs")
Fetch = Callable[[GenerationRequest, Callable[[], None]], Inputs]
"""What a job needs; the second argument is called between files and during downloads, and ends the
fetch with what it raises. Raises JobError, ValueError, OSError."""


class Prefetcher(Generic[Inputs]):
    """Fetches for one job at a time, in the order of the requests, and never while a job fetches
    for itself.

    `size_of` says how many bytes of memory a job's inputs take; at most `max_bytes` are kept.
    """

    def __init__(
        self, fetch: Fetch[Inputs], size_of: Callable[[Inputs], int], max_bytes: int
    ) -> None:
        self._fetch = fetch
        self._size_of = size_of
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        """Of everything below; told when a fetch has ended."""
        self._waiting: OrderedDict[str, GenerationRequest] = OrderedDict()
        self._fetched: OrderedDict[str, Inputs] = OrderedDict()
        self._current = ""
        """The job whose inputs are being fetched."""
        self._thread: threading.Thread | None = None
        """The last one; while it is at work, `_is_running`."""
        self._is_running = False
        self._stopped = threading.Event()
        self._is_paused = False

    def start(self, requests: Sequence[GenerationRequest]) -> None:
        """Fetch for these jobs too, after those before; returns at once."""
        with self._changed:
            for request in requests:
                if request.id != self._current and request.id not in self._fetched:
                    self._waiting[request.id] = request
            while len(self._waiting) > MAX_JOBS:
                self._waiting.popitem(last=False)
            self._go_on()

    def take(self, request: GenerationRequest, check: Callable[[], None]) -> Inputs | None:
        """What was fetched for a job, which is not kept any longer; if it is being fetched, that is
        waited for. None: the job has to fetch for itself.

        What `check` raises ends the waiting.
        """
        with self._changed:
            self._waiting.pop(request.id, None)
            while self._current == request.id:
                check()
                self._changed.wait(_CHECK_SECONDS)
            return self._fetched.pop(request.id, None)

    @contextmanager
    def alone(self, check: Callable[[], None]) -> Iterator[None]:
        """In the block nothing is fetched ahead. What is being fetched is stopped, and begun anew
        afterwards; what `check` raises ends the waiting for that."""
        with self._changed:
            self._is_paused = True
            self._stopped.set()
        try:
            self._join(check)
            yield
        finally:
            with self._changed:
                self._is_paused = False
                self._go_on()

    def _join(self, check: Callable[[], None]) -> None:
        """Even a stopped thread runs until S3 has answered its last request."""
        while self._thread and self._thread.is_alive():
            check()
            self._thread.join(_CHECK_SECONDS)

    def _go_on(self) -> None:
        """Within `_changed`: begin to fetch if that is due."""
        if self._is_running or self._is_paused or not self._waiting:
            return
        self._is_running, self._stopped = True, threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(self._thread, self._stopped), name="prefetch", daemon=True
        )
        self._thread.start()

    def _run(self, previous: threading.Thread | None, stopped: threading.Event) -> None:
        if previous:
            previous.join()  # here, so that the inference thread need not
        while request := self._next(stopped):
            inputs = self._try(request, stopped)
            with self._changed:
                self._current = ""
                self._changed.notify_all()
                if inputs is not None:
                    self._keep(request.id, inputs)
                elif stopped.is_set():
                    self._waiting[request.id] = request
                    self._waiting.move_to_end(request.id, last=False)

    def _next(self, stopped: threading.Event) -> GenerationRequest | None:
        """The job to fetch for; None ends the thread, and another one may begin."""
        with self._changed:
            if stopped.is_set() or self._is_paused or not self._waiting:
                self._is_running = False
                self._go_on()  # whoever stopped this thread may have been gone before it noticed
                return None
            self._current, request = self._waiting.popitem(last=False)
            return request

    def _keep(self, job_id: str, inputs: Inputs) -> None:
        self._fetched[job_id] = inputs
        while len(self._fetched) > MAX_JOBS or self._kept_bytes() > self._max_bytes:
            self._fetched.popitem(last=False)

    def _kept_bytes(self) -> int:
        return sum(map(self._size_of, self._fetched.values()))

    def _try(self, request: GenerationRequest, stopped: threading.Event) -> Inputs | None:
        def check() -> None:
            if stopped.is_set():
                raise JobCancelled

        try:
            inputs = self._fetch(request, check)
        except JobCancelled:
            _log.info("event=prefetch_stopped job=%s", request.id)
        except (JobError, ValueError, OSError) as error:
            # The job will meet the same error when it runs, and tell its user.
            _log.info("event=prefetch_failed job=%s error=%r", request.id, str(error))
        else:
            _log.info("event=prefetched job=%s", request.id)
            return inputs
        return None
