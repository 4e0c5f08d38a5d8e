"""The interface behind the job list; SQLite and DynamoDB stand behind it, one contract for both."""

from collections.abc import Set as AbstractSet
from typing import Any, Protocol

from core.records import Job, JobFilter, JobPage, JobState


class JobStore(Protocol):
    """Keeps job records. Every change is one conditional write: two dashboards can't both win."""

    def add(self, job: Job) -> bool:
        """Keep a new job. False where its id is kept already; the old record stays as it is."""
        ...

    def get(self, job_id: str) -> Job | None:
        """One record, or None."""
        ...

    def update(
        self, job_id: str, when: AbstractSet[JobState], changes: dict[str, Any]
    ) -> Job | None:
        """Change fields of a job that is in one of the states `when`.

        Returns the record as it is afterwards, or None where it is gone or in another state.
        """
        ...

    def page(self, which: JobFilter, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Records newest first. Raises InvalidInput for a cursor that this list did not give."""
        ...

    def open_jobs(self) -> tuple[Job, ...]:
        """All queued and running jobs, oldest first."""
        ...

    def delete(self, job_id: str) -> bool:
        """Forget a closed job. False where it is gone or still open."""
        ...
