"""Keeps the instance seconds of each endpoint in records, one a month, counted once by all."""

from datetime import UTC, datetime, timedelta
from typing import Final

from core.endpoints.costs.instance_seconds import (
    EndpointUsage,
    ReadSteps,
    counted,
    first_usage,
    next_month,
    spans_since,
)
from core.endpoints.status import Endpoint
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore

USAGE: Final = RecordKind("endpoint-usage", EndpointUsage)
"""The owner is the month, `2026-11`; the id is the endpoint's name and when it was created."""

_SELDOM: Final = timedelta(seconds=30)
"""What another dashboard looked at a moment ago is not written again."""

_MOST: Final = 1000
_MONTHS_BACK: Final = 24


class UsageLedger:
    """Several dashboards may look at the same endpoints: each goes on from the record, whoever
    wrote it, so that a second counts once; time in which nobody looked is counted by the next."""

    def __init__(self, records: RecordStore, read_steps: ReadSteps) -> None:
        self._records = records
        self._read_steps = read_steps

    def look(self, endpoint: Endpoint, now: datetime, *, is_busy: bool) -> EndpointUsage:
        """Count until now. Returns the record of this month. Raises AwsError."""
        month, record_id = month_of(now), usage_id(endpoint)

        def change(kept: EndpointUsage | None) -> EndpointUsage | None:
            usage = kept or self._begin_month(endpoint, now)
            if kept and now - kept.seen_at < _SELDOM and not (is_busy and kept.idle):
                return None
            spans = tuple(spans_since(usage, endpoint, now, self._read_steps))
            usage = counted(usage, spans, endpoint, until=now)
            if is_busy or usage.busy_at >= now:
                usage = usage.model_copy(update={"busy_at": now, "idle": {}})
            return usage

        return edit(self._records, USAGE, month, record_id, change) or first_usage(endpoint, now)

    def month(self, now: datetime) -> tuple[EndpointUsage, ...]:
        """The usage of all endpoints of this month, deleted ones too. Raises AwsError."""
        page = self._records.page(USAGE, month_of(now), limit=_MOST)
        return tuple(record.value for record in page.records)

    def _begin_month(self, endpoint: Endpoint, now: datetime) -> EndpointUsage:
        """What to go on from in a month without record: the last one's, counted to its end."""
        begin = start_of_month(now)
        found = self._last_month(endpoint, begin)
        usage = first_usage(endpoint, now)
        if usage.seen_at >= begin:
            return usage
        if found is None:
            spans = tuple(spans_since(usage, endpoint, now, self._read_steps))
            return next_month(counted(usage, spans, endpoint, until=begin))

        def close(kept: EndpointUsage | None) -> EndpointUsage | None:
            if kept is None or kept.seen_at >= begin:
                return None
            spans = tuple(spans_since(kept, endpoint, now, self._read_steps))
            return counted(kept, spans, endpoint, until=begin)

        closed = edit(self._records, USAGE, found, usage_id(endpoint), close)
        return next_month(closed or usage)

    def _last_month(self, endpoint: Endpoint, begin: datetime) -> str | None:
        """The last month before in which somebody looked."""
        created = month_of(endpoint.created_at)
        for _ in range(_MONTHS_BACK):
            begin = start_of_month(begin - timedelta(days=1))
            month = month_of(begin)
            if month < created:
                return None
            if self._records.get(USAGE, month, usage_id(endpoint)):
                return month
        return None


def usage_id(endpoint: Endpoint) -> str:
    """Another endpoint of the same name has another: its name and when it was created."""
    return f"{endpoint.name}@{endpoint.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def month_of(moment: datetime) -> str:
    """`2026-11`, of UTC as AWS's bills."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def start_of_month(moment: datetime) -> datetime:
    """The month's first moment, UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
