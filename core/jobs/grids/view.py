"""What a grid's owner sees of it: the job of each cell as it is now, and what can be done."""

from collections.abc import Mapping

from core.jobs.grids.records import Grid
from core.jobs.records import Job, JobState
from formats.frozen import Frozen


class GridView(Frozen):
    """A grid with the jobs that are there and may be seen, by their ids."""

    grid: Grid
    jobs: Mapping[str, Job]

    @property
    def open(self) -> tuple[Job, ...]:
        """Jobs that can still change."""
        return tuple(job for job in self._jobs() if job.state.is_open)

    @property
    def succeeded(self) -> tuple[Job, ...]:
        """Jobs with an image that are not in the trash."""
        made = (job for job in self._jobs() if job.state is JobState.SUCCEEDED)
        return tuple(job for job in made if not job.is_trashed)

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids of jobs that were not made, or whose requests may not have been stored."""
        if self.grid.is_sent:
            return ()
        found = ((cell.job, self.jobs.get(cell.job)) for cell in self.grid.cells)
        return tuple(job_id for job_id, job in found if job is None or job.is_unstored)

    @property
    def failed(self) -> tuple[str, ...]:
        """Ids of jobs that are over without an image: failed, cancelled or deleted."""
        missing = set(self.missing)
        over = (cell.job for cell in self.grid.cells if cell.job not in missing)
        return tuple(job_id for job_id in over if _is_without_image(self.jobs.get(job_id)))

    def _jobs(self) -> tuple[Job, ...]:
        found = (self.jobs.get(cell.job) for cell in self.grid.cells)
        return tuple(job for job in found if job)


def _is_without_image(job: Job | None) -> bool:
    if job is None or job.is_redacted:
        return job is None
    return job.state in {JobState.FAILED, JobState.CANCELLED} and not job.is_trashed
