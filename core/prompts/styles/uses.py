"""Which jobs used a style: how many, and the latest few."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from core.ids import Clock
from core.records.interface import RecordKind, RecordStore
from core.records.listed_records import ListedRecords
from core.team.users import SHARED
from formats.frozen import Tolerant

MAX_RECENT_JOBS: Final = 20
_FRESH_SECONDS: Final = 60.0


class StyleUses(Tolerant):
    """What is kept under a style's id; a style that no job used has nothing."""

    jobs: int = 0
    """How many ended jobs used it."""
    last_used: datetime | None = None
    recent_jobs: tuple[str, ...] = ()
    """Ids of the latest of them, the newest first."""


STYLE_USES: Final = RecordKind("style-uses", StyleUses)


class StyleUseRecords:
    """The uses of all styles; one write for each style of a job."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = ListedRecords(records, STYLE_USES, SHARED, clock, _FRESH_SECONDS)

    def of(self, style_id: str) -> StyleUses:
        """As it was a minute ago at most. Raises AwsError."""
        return self._records.all().get(style_id, StyleUses())

    def count(self, style_ids: Iterable[str], job_id: str, ended_at: datetime) -> None:
        """Note an ended job with each style, once. Raises AwsError, Conflict."""
        for style_id in dict.fromkeys(style_ids):
            self._records.edit(style_id, lambda kept: _used(kept or StyleUses(), job_id, ended_at))

    def remove(self, style_id: str) -> None:
        """Forget a style's. Raises AwsError, Conflict."""
        if record := self._records.get(style_id):
            self._records.delete(record)


def _used(kept: StyleUses, job_id: str, ended_at: datetime) -> StyleUses | None:
    if job_id in kept.recent_jobs:
        return None
    return StyleUses(
        jobs=kept.jobs + 1,
        last_used=max(ended_at, kept.last_used or ended_at),
        recent_jobs=(job_id, *kept.recent_jobs)[:MAX_RECENT_JOBS],
    )
