"""Who uses a model file: jobs that ended, open jobs, and what people have typed in their forms."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from core.models.metadata.records import ModelRecord
from core.team.users import User
from formats.frozen import Frozen
from formats.models.kinds import ModelKind

MAX_RECENT_JOBS: Final = 20

NamedFile = tuple[ModelKind, str]
"""A file by its kind and name."""


class Uses(Frozen):
    """What a file's deletion would touch; everybody's, counted."""

    open_jobs: int = 0
    """Queued and running jobs that name it."""
    forms: int = 0
    """People's forms that name it, as they were typed last."""

    @property
    def is_used(self) -> bool:
        """Whether anything is."""
        return bool(self.open_jobs or self.forms)


def _none(_kind: ModelKind, _name: str) -> int:
    return 0


def _nothing(_files: Iterable[NamedFile]) -> frozenset[NamedFile]:
    return frozenset()


def _nobody(_user: User, _job_ids: Sequence[str]) -> tuple[str, ...]:
    return ()


def _no_image(_user: User, _job_id: str, _index: int) -> bytes:
    return b""


class ModelUses(Frozen):
    """What the library asks of other services; without them nothing uses a file."""

    open_jobs: Callable[[ModelKind, str], int] = _none
    """How many open jobs name a file. Raises AwsError."""
    forms: Callable[[ModelKind, str], int] = _none
    """How many saved forms name a file. Raises AwsError."""
    in_use: Callable[[Iterable[NamedFile]], frozenset[NamedFile]] = _nothing
    """Those of the files that any open job or saved form names. Raises AwsError."""
    seen_jobs: Callable[[User, Sequence[str]], tuple[str, ...]] = _nobody
    """Of these jobs those that the user may see. Raises AwsError."""
    image: Callable[[User, str, int], bytes] = _no_image
    """An image of a job's result. Raises NotFound, NotAllowed, AwsError."""


def used_by(record: ModelRecord, job_id: str, ended_at: datetime) -> ModelRecord | None:
    """The record with one more job; None where the job was counted already."""
    if job_id in record.recent_jobs:
        return None
    last_used = max(ended_at, record.last_used or ended_at)
    changes = {
        "jobs": record.jobs + 1,
        "last_used": last_used,
        "recent_jobs": (job_id, *record.recent_jobs)[:MAX_RECENT_JOBS],
    }
    return record.model_copy(update=changes)
