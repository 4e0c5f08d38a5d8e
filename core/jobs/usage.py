"""Tells of each job that ended what it used: of quotas, in money, which models, and how fast."""

import logging
from concurrent.futures import ThreadPoolExecutor

from core.aws.storage import Storage
from core.endpoints.costs.service import Costs
from core.endpoints.real_time.service import RealTimeLimits
from core.jobs.records import Job
from core.models.service import ModelLibrary
from core.prompts.service import StyleLibrary
from core.records.stored import read_stored
from core.team.quotas.service import Quotas
from formats.generation.result import GenerationResult
from formats.keys import result_key

log = logging.getLogger(__name__)


class JobUsageReporter:
    """Works in the background, one job at a time, as they end."""

    def __init__(
        self,
        storage: Storage,
        costs: Costs,
        real_time: RealTimeLimits,
        quotas: Quotas,
        models: ModelLibrary,
        styles: StyleLibrary,
    ) -> None:
        self._storage = storage
        self._costs = costs
        self._real_time = real_time
        self._quotas = quotas
        self._models = models
        self._styles = styles
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job-usage")

    def __call__(self, job: Job) -> None:
        """Report a job that just ended; returns at once."""
        self._costs.note_job(job.endpoint)
        self.settle(job)
        if job.instance_type:
            self._pool.submit(self._report, job)

    def settle(self, job: Job) -> None:
        """Give back what a job took of its owner's quotas where it never ran; count it again
        where it ran after all. Returns at once."""
        if job.never_ran or job.ran_after_all:
            self._pool.submit(self._settle, job)

    def close(self) -> None:
        """Report what has ended."""
        self._pool.shutdown(wait=True)

    def _settle(self, job: Job) -> None:
        try:
            self._quotas.settle_job(job.owner, job.id, has_run=job.ran_after_all)
        except Exception:  # the worker's edge: whoever lost a few images of a day can go on
            log.exception("event=quota_not_settled job=%s", job.id)

    def _report(self, job: Job) -> None:
        try:
            content = self._storage.of_bucket(job.bucket).find(result_key(job.id))
            result = read_stored(GenerationResult, content.data, job.id) if content else None
            if result:
                self._costs.count_job(job.owner, job.instance_type, result)
                self._real_time.measure(job.instance_type, job.checkpoint, job.steps, result)
                used = ((model.kind, model.name) for model in result.models)
                self._models.count_job(job.id, result.ended_at, used)
                self._styles.count_job(job.owner, job.id, job.styles, result.ended_at)
        except Exception:  # the worker's edge: a job that is not counted is still a good job
            log.exception("event=usage_not_counted job=%s", job.id)
