"""Looks at all open jobs at once, and finds what no message told: starts, ends, losses."""

import logging
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from core.aws.storage import Storage
from core.errors import AwsError
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.job_folders import JobFolders
from core.jobs.following.late_results import LateResults
from core.jobs.following.reconciler import Reconciler
from core.jobs.records import Job
from core.texts.jobs import jobs as texts
from formats.keys import result_key

log = logging.getLogger(__name__)

_WORKERS: Final = 8
_ASKED_OF_SAGEMAKER: Final = 5
"""Failure objects read in one sweep, in turn: each is a call, and most jobs have none."""


class SweptJobs(NamedTuple):
    """The jobs as they are after a sweep, and why some could not be looked at; empty for none."""

    jobs: tuple[Job, ...]
    problem: str


class Sweep:
    """Costs a LIST for each thousand open jobs, one for all instances, and what has changed."""

    def __init__(
        self,
        storage: Storage,
        reconciler: Reconciler,
        heartbeats: Heartbeats,
        late_results: LateResults,
    ) -> None:
        self.late_results = late_results
        self._storage = storage
        self._reconciler = reconciler
        self._heartbeats = heartbeats
        self._folders = JobFolders()
        self._asked_last = ""
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sweep")

    def close(self) -> None:
        """Let the looks under way end."""
        self._pool.shutdown(wait=True)

    def run(self, jobs: Sequence[Job]) -> SweptJobs:
        """Look at these open jobs, and for the late results of closed ones."""
        self._reconciler.keep_only({job.id for job in jobs})
        late = self.late_results.jobs()
        problems: list[str] = []
        seen = self._look((*jobs, *late), problems)
        asked = self._next_to_ask(jobs)

        def follow(job: Job) -> Job:
            return self._follow(job, seen.get(job.id), problems, ask_sagemaker=job.id in asked)

        swept = tuple(self._pool.map(follow, jobs))
        for job in late:
            if result_key(job.id) in seen.get(job.id, {}):
                self._read_late(job, problems)
        return SweptJobs(swept, next(iter(problems), ""))

    def _look(self, jobs: Sequence[Job], problems: list[str]) -> Mapping[str, Mapping[str, str]]:
        """The folders of the jobs, by the buckets that their records name."""
        by_bucket: dict[str, set[str]] = {}
        for job in jobs:
            by_bucket.setdefault(self._storage.of_bucket(job.bucket).bucket, set()).add(job.id)
        seen: dict[str, Mapping[str, str]] = {}
        for bucket, job_ids in by_bucket.items():
            try:
                self._heartbeats.discover(bucket)
                seen.update(self._folders.look(self._storage.of_bucket(bucket), job_ids))
            except AwsError as error:
                log.warning("event=sweep_failed bucket=%s error=%s", bucket, error)
                problems.append(texts.not_followed(str(error)))
        return seen

    def _follow(
        self,
        job: Job,
        etags: Mapping[str, str] | None,
        problems: list[str],
        *,
        ask_sagemaker: bool,
    ) -> Job:
        """One job; the same where there was no look at its folder."""
        if etags is None:
            return job
        try:
            return self._reconciler.reconcile(job, etags, ask_sagemaker=ask_sagemaker)
        except AwsError as error:
            log.warning("event=poll_failed job=%s error=%s", job.id, error)
            problems.append(texts.not_followed(str(error)))
        return job

    def _next_to_ask(self, jobs: Sequence[Job]) -> Collection[str]:
        """The jobs whose turn it is, so that each is asked for once in a while."""
        ids = sorted(job.id for job in jobs if job.failure_location)
        after = [job_id for job_id in ids if job_id > self._asked_last]
        chosen = (after + ids)[:_ASKED_OF_SAGEMAKER]
        self._asked_last = chosen[-1] if chosen else ""
        return frozenset(chosen)

    def _read_late(self, job: Job, problems: list[str]) -> None:
        try:
            self.late_results.read(job)
        except AwsError as error:
            log.warning("event=late_result_unread job=%s error=%s", job.id, error)
            problems.append(texts.not_followed(str(error)))
