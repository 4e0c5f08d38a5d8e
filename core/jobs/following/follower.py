"""Polls the open jobs of everybody in one thread a process, and keeps a snapshot of them."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from typing import Final

from core.errors import AwsError
from core.jobs.reconciler import Reconciler
from core.jobs.records import Job
from core.jobs.store.interface import JobStore
from core.texts import jobs as texts

log = logging.getLogger(__name__)

_WORKERS: Final = 8
_IDLE_SECONDS: Final = 3.0
"""Without open jobs the store is asked this seldom for those of other dashboards."""


class Poller:
    """Reconciles every open job twice a second or so, its own dashboard's and the others'."""

    def __init__(self, store: JobStore, reconciler: Reconciler, poll_seconds: float) -> None:
        self._store = store
        self._reconciler = reconciler
        self._poll_seconds = poll_seconds
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}
        self._problem = ""
        self._wake = Event()
        self._stopping = False
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="poller")
        self._thread = Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the poll under way."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self._pool.shutdown(wait=True)

    def watch(self, job: Job) -> None:
        """Follow a new job at once, and show it in the snapshot."""
        with self._lock:
            self._jobs[job.id] = job
        self._wake.set()

    def open_jobs(self) -> tuple[Job, ...]:
        """The open jobs as they were last seen, newest first."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.state.is_open]
        return tuple(sorted(jobs, key=lambda job: job.id, reverse=True))

    def problem(self) -> str:
        """Why the last poll could not see every open job; empty where it could."""
        return self._problem

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self.poll_once()
            except AwsError as error:
                log.warning("event=poll_failed error=%s", error)
                self._problem = texts.not_followed(str(error))
            except Exception:  # the worker's edge: the poller must outlive any error
                log.exception("event=poll_failed")
                self._problem = texts.FOLLOWING_FAILED
            self._wake.wait(self._poll_seconds if self._jobs else _IDLE_SECONDS)

    def poll_once(self) -> None:
        """Reconcile every open job once."""
        jobs = self._store.open_jobs()
        problems = list(self._pool.map(self._follow, jobs))
        ids = {job.id for job in jobs}
        with self._lock:
            self._jobs = {i: job for i, job in self._jobs.items() if i in ids or job.state.is_open}
            gone = [i for i in self._jobs if i not in ids]
        for job_id in gone:
            self._drop_closed(job_id)
        self._reconciler.keep_only(ids)
        self._reconciler.read_late_results()
        self._problem = next(filter(None, problems), "")

    def _drop_closed(self, job_id: str) -> None:
        """Drop a job that was closed elsewhere; one added after the listing stays."""
        job = self._store.get(job_id)
        with self._lock:
            if job is None or not job.state.is_open:
                self._jobs.pop(job_id, None)
        if job:
            self._reconciler.await_late_result(job)

    def _follow(self, job: Job) -> str:
        """Look at a job once. Returns why that failed, empty where it did not."""
        try:
            self._keep(self._reconciler.reconcile(job))
        except AwsError as error:
            log.warning("event=poll_failed job=%s error=%s", job.id, error)
            self._keep(job)
            return texts.not_followed(str(error))
        return ""

    def _keep(self, job: Job) -> None:
        with self._lock:
            if job.state.is_open:
                self._jobs[job.id] = job
                return
            self._jobs.pop(job.id, None)
        self._reconciler.await_late_result(job)
