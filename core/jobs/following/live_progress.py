"""Reads the progress of the jobs that somebody looks at, and of no others."""

from collections.abc import Collection
from datetime import datetime

from core.ids import Clock
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.reconciler import Reconciler
from core.jobs.following.schedule import Schedule, Timer
from core.jobs.following.viewed_jobs import ViewedJobs
from core.jobs.records import Job, JobState


class LiveProgress:
    """The progress of viewed jobs, one call an instance and poll; kept in memory, not in records.

    Each dashboard reads for its own pages: a read costs a fifteenth of the write that would tell
    another dashboard.
    """

    def __init__(
        self, heartbeats: Heartbeats, reconciler: Reconciler, schedule: Schedule, clock: Clock
    ) -> None:
        self._heartbeats = heartbeats
        self._reconciler = reconciler
        self._schedule = schedule
        self._viewed = ViewedJobs(clock)
        self._asked_for_starts, self._read_progress = Timer(), Timer()

    def look(self, job: Job) -> Job:
        """An open job's record with the progress of now; whoever asks looks at it for a while."""
        self._viewed.note(job.id)
        seen = self._heartbeats.of(job.id)
        if seen is None or job.state is not JobState.RUNNING:
            return job
        now = seen.progress
        return job.model_copy(
            update={
                "stage": now.stage.value,
                "step": now.step,
                "steps": now.steps or job.steps,
                "bytes_done": now.bytes_done,
                "bytes_total": now.bytes_total,
                "has_preview": job.has_preview or now.preview is not None,
            }
        )

    def preview(self, job_id: str) -> bytes | None:
        """A small WebP of a running job's work so far; None where none was read."""
        seen = self._heartbeats.of(job_id)
        return seen.progress.preview if seen else None

    def keep_only(self, job_ids: Collection[str]) -> None:
        """Forget what was read of other jobs."""
        self._heartbeats.keep_only(job_ids)

    def viewed(self, jobs: Collection[Job]) -> tuple[Job, ...]:
        """Those of the jobs that somebody looks at."""
        ids = self._viewed.ids()
        return tuple(job for job in jobs if job.id in ids)

    def read(self, jobs: Collection[Job], now: datetime) -> tuple[Job, ...]:
        """Read what is due of viewed jobs. Returns those that have begun or ended.

        Raises AwsError.
        """
        seen = {job.id for job in jobs if self._heartbeats.of(job.id)}
        unseen = [job for job in jobs if job.id not in seen]
        looked_at: set[str] = set()
        if seen and self._read_progress.is_due(now, self._schedule.poll_seconds):
            self._heartbeats.read_again(seen)
            looked_at |= seen
        if unseen and self._asked_for_starts.is_due(now, self._schedule.start_seconds):
            for bucket in {job.bucket for job in unseen}:
                self._heartbeats.discover(bucket)
            looked_at |= {job.id for job in unseen}
        return tuple(self._settle(job) for job in jobs if job.id in looked_at)

    def _settle(self, job: Job) -> Job:
        """A job that an instance tells of has begun; one that is told of no more may have ended, or
        its container is an older one."""
        if self._heartbeats.of(job.id):
            return self._reconciler.begin(job)
        if job.state is JobState.RUNNING:
            job = self._reconciler.end(job.id, "") or job
        if job.state is JobState.RUNNING:
            self._heartbeats.read_own_progress(job)
        return job
