"""How long endpoints have had no jobs, from CloudWatch: one call for 500 endpoints."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.scaling.objects import BACKLOG, METRICS
from core.endpoints.scaling.spec import ScalingSpec
from core.texts import scaling as texts

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient

_PERIOD: Final = 60
_QUERIES: Final = 500
"""GetMetricData takes so many in one call."""

_LOOK_BACK: Final = timedelta(hours=3)
_LOW_ALARM: Final = timedelta(minutes=15)
"""Target tracking scales in once its metric was low in 15 periods of a minute."""

_BUSY: Final = timedelta(seconds=2 * _PERIOD)
"""A metric that is no older may be of a job that still waits or runs."""


class BacklogMetric:
    """Reads when each endpoint last had jobs that waited or ran."""

    def __init__(self, aws: Aws) -> None:
        self._cloudwatch: CloudWatchClient = aws.cloudwatch(for_pages=True)

    def last_busy(self, endpoints: Sequence[str], now: datetime) -> dict[str, datetime]:
        """The end of the last minute with jobs, of those that had some. Raises AwsError."""
        found: dict[str, datetime] = {}
        with translate_errors(texts.READING_BACKLOG_FAILED):
            for start in range(0, len(endpoints), _QUERIES):
                found |= self._read(endpoints[start : start + _QUERIES], now)
        return found

    def _read(self, names: Sequence[str], now: datetime) -> dict[str, datetime]:
        queries: Any = [_query(number, name) for number, name in enumerate(names)]
        pages = self._cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=now - _LOOK_BACK, EndTime=now
        )
        found: dict[str, datetime] = {}
        for page in pages:
            for result in page["MetricDataResults"]:
                name = names[int(result["Id"].removeprefix("q"))]
                values = zip(result["Timestamps"], result["Values"], strict=True)
                busy = [at + timedelta(seconds=_PERIOD) for at, value in values if value > 0]
                if busy:
                    found[name] = max([*busy, *([found[name]] if name in found else [])])
        return found


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
    spec: ScalingSpec,
    last_busy: datetime | None,
    in_service_since: datetime,
    now: datetime,
    *,
    embedded: bool,
) -> datetime | None:
    """About when idle instances are stopped; None while there are jobs.

    On AWS not before the backlog was low for a quarter of an hour, however short the idle time.
    """
    if last_busy and now - last_busy < _BUSY:
        return None
    idle = timedelta(minutes=spec.idle_minutes)
    wait = idle if embedded else max(idle, _LOW_ALARM)
    return max(last_busy or in_service_since, in_service_since) + wait
