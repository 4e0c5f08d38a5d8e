"""How long endpoints have had no jobs, from CloudWatch: one call for 500 endpoints."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.scaling.objects import BACKLOG, METRICS
from core.endpoints.scaling.spec import ScalingSpec
from core.texts import scaling as texts
from formats.frozen import Frozen

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient

_PERIOD: Final = 60
_QUERIES: Final = 500
"""GetMetricData takes so many in one call."""

_LOOK_BACK: Final = timedelta(hours=3)


class BacklogHistory(Frozen):
    """What CloudWatch knows of an endpoint's jobs that wait or run."""

    last_busy: datetime
    """The end of the last minute with jobs."""
    is_busy: bool
    """That minute is the newest one it knows: there may be jobs still."""


class BacklogMetric:
    """Reads when each endpoint last had jobs that waited or ran."""

    def __init__(self, aws: Aws) -> None:
        self._cloudwatch: CloudWatchClient = aws.cloudwatch(for_pages=True)

    def read(self, endpoints: Sequence[str], now: datetime) -> dict[str, BacklogHistory]:
        """The history of those that had jobs in the last hours. Raises AwsError."""
        found: dict[str, BacklogHistory] = {}
        with translate_errors(texts.READING_BACKLOG_FAILED):
            for start in range(0, len(endpoints), _QUERIES):
                found |= self._read(endpoints[start : start + _QUERIES], now)
        return found

    def _read(self, names: Sequence[str], now: datetime) -> dict[str, BacklogHistory]:
        queries: Any = [_query(number, name) for number, name in enumerate(names)]
        pages = self._cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=now - _LOOK_BACK, EndTime=now
        )
        values: dict[str, dict[datetime, float]] = {}
        for page in pages:
            for result in page["MetricDataResults"]:
                name = names[int(result["Id"].removeprefix("q"))]
                points = zip(result["Timestamps"], result["Values"], strict=True)
                values.setdefault(name, {}).update(points)
        histories = ((name, backlog_history(points)) for name, points in values.items())
        return {name: history for name, history in histories if history}


def backlog_history(values: Mapping[datetime, float]) -> BacklogHistory | None:
    """The history of the most jobs in each minute; None where there were none."""
    busy = [at for at, value in values.items() if value > 0]
    if not busy:
        return None
    last = max(busy)
    return BacklogHistory(last_busy=last + timedelta(seconds=_PERIOD), is_busy=last == max(values))


def _query(number: int, name: str) -> dict[str, Any]:
    metric = {
        "Namespace": METRICS,
        "MetricName": BACKLOG,
        "Dimensions": [{"Name": "EndpointName", "Value": name}],
    }
    return {
        "Id": f"q{number}",
        "MetricStat": {"Metric": metric, "Period": _PERIOD, "Stat": "Maximum"},
    }


def stops_at(
    spec: ScalingSpec, history: BacklogHistory | None, in_service_since: datetime
) -> datetime | None:
    """About when idle instances are stopped; None while there are jobs."""
    if history and history.is_busy:
        return None
    idle_since = max(history.last_busy, in_service_since) if history else in_service_since
    return idle_since + timedelta(minutes=spec.idle_minutes)
