"""Follows the open jobs of everybody in one thread a process, and keeps a snapshot of them."""

import logging
from collections.abc import Callable, Collection
from threading import Event, Lock, Thread
from typing import Final

from core.errors import AwsError
from core.ids import Clock
from core.jobs.following.lease import FollowerLease
from core.jobs.following.live_progress import LiveProgress
from core.jobs.following.schedule import Schedule, Timer
from core.jobs.following.sweep import Sweep
from core.jobs.records import Job
from core.jobs.store.interface import JobStore
from core.texts.jobs import jobs as texts

log = logging.getLogger(__name__)

_IDLE_SECONDS: Final = 3.0
"""Without open jobs the store is asked this seldom for those of other dashboards."""


class Follower:
    """Asks for little where nobody looks: ends come as messages, and a slow sweep finds the rest.

    Every dashboard lists the open jobs and reads the progress of those that its pages show; the
    one that holds the lease sweeps for all.
    """

    def __init__(
        self,
        store: JobStore,
        sweep: Sweep,
        live: LiveProgress,
        lease: FollowerLease,
        schedule: Schedule,
        clock: Clock,
    ) -> None:
        self._store = store
        self._sweep = sweep
        self._live = live
        self._lease = lease
        self._schedule = schedule
        self._clock = clock
        self.on_poll: Callable[[bool, bool], None] = lambda _has_lease, _has_news: None
        """Told of each poll: whether this dashboard has the lease, and whether a job came or ended
        here since the last one. It must not block."""
        self._swept = Timer()
        self._has_lease = False
        self._has_news = False
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}
        self._problem = ""
        self._wake = Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the poll under way."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self._sweep.close()
        self._lease.release()

    def watch(self, job: Job) -> None:
        """Follow a job that was made or changed here, and show it in the snapshot."""
        self._keep(job)
        self.wake()

    def wake(self) -> None:
        """Poll at once: something changed here."""
        self._has_news = True
        self._wake.set()

    def look(self, job: Job) -> Job:
        """A record as a page read it, with the progress of now: somebody looks at the job."""
        with self._lock:
            is_news = job.state.is_open != (job.id in self._jobs)
        if is_news:
            self._keep(job)
        return self._live.look(job) if job.state.is_open else job

    def preview(self, job_id: str) -> bytes | None:
        """A small WebP of a running job's work so far; None where none was read."""
        return self._live.preview(job_id)

    def open_jobs(self) -> tuple[Job, ...]:
        """The open jobs as they were last seen, newest first."""
        return tuple(sorted(self._open(), key=lambda job: job.id, reverse=True))

    def problem(self) -> str:
        """Why the last sweep could not see every open job; empty where it could."""
        return self._problem

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self.poll_once()
            except AwsError as error:
                log.warning("event=poll_failed error=%s", error)
                self._problem = texts.not_followed(str(error))
            except Exception:  # the worker's edge: the follower must outlive any error
                log.exception("event=poll_failed")
                self._problem = texts.FOLLOWING_FAILED
            self._wake.wait(self._schedule.poll_seconds if self._jobs else _IDLE_SECONDS)

    def poll_once(self) -> None:
        """Do what is due. Raises AwsError."""
        has_news, self._has_news = self._has_news, False
        now, jobs = self._clock(), self._open()
        viewed = self._live.viewed(jobs)
        seconds = self._schedule.between_sweeps(
            is_idle=not jobs and not self._sweep.late_results.jobs(),
            awaited_endpoints={job.endpoint for job in viewed} | _with_line(jobs),
        )
        if self._swept.is_due(now, seconds):
            self._sweep_all()
        for job in self._live.read(viewed, now):
            self._keep(job)
        self.on_poll(self._has_lease, has_news)

    def _sweep_all(self) -> None:
        """Learn of other dashboards' jobs; look at all of them where that is this one's part."""
        jobs = self._store.open_jobs()
        self._replace(jobs)
        self._live.keep_only({job.id for job in jobs})
        problem = ""
        is_work = jobs or self._sweep.late_results.jobs()
        self._has_lease = bool(is_work and self._lease.is_held())
        if self._has_lease:
            swept = self._sweep.run(jobs)
            problem = swept.problem
            for job in swept.jobs:
                self._keep(job)
        self._problem = problem

    def _replace(self, jobs: Collection[Job]) -> None:
        """Take the listed jobs for those that are open, but for what the listing can't know yet."""
        ids = {job.id for job in jobs}
        with self._lock:
            self._jobs |= {job.id: job for job in jobs}
            gone = [job_id for job_id in self._jobs if job_id not in ids]
        for job_id in gone:
            self._drop_closed(job_id)

    def _drop_closed(self, job_id: str) -> None:
        """Drop a job that was closed elsewhere; one added after the listing stays."""
        job = self._store.get(job_id)
        if job:
            self._keep(job)
        else:
            with self._lock:
                self._jobs.pop(job_id, None)

    def _open(self) -> tuple[Job, ...]:
        with self._lock:
            return tuple(self._jobs.values())

    def _keep(self, job: Job) -> None:
        with self._lock:
            if job.state.is_open:
                self._jobs[job.id] = job
                return
            self._jobs.pop(job.id, None)
        self._sweep.late_results.expect(job)


def _with_line(jobs: Collection[Job]) -> set[str]:
    """The endpoints before which jobs wait: an end makes room."""
    return {job.endpoint for job in jobs if job.is_in_line}
