"""Reads an endpoint's last day from CloudWatch: queue, instances, seconds for an image."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.scaling.objects import BACKLOG, METRICS
from core.endpoints.service import Endpoints
from core.endpoints.spec import VARIANT
from core.errors import NotFound
from core.ids import Clock
from core.team.users import User
from core.texts import endpoints as endpoint_texts
from core.texts import lifecycle as texts
from formats.frozen import Frozen

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient

_DAY: Final = timedelta(days=1)
_PERIOD: Final = 300
_MINUTES: Final = _PERIOD // 60

_HOST: Final = "/aws/sagemaker/Endpoints"
_CONTAINER: Final = "Contrapposto"
"""Where CloudWatch puts what the container writes with CONTRAPPOSTO_EMF."""

Series = tuple[tuple[datetime, float], ...]
"""Times, UTC, and values, oldest first."""


class MetricHistory(Frozen):
    """A day of an endpoint, a value for each five minutes in which there was one."""

    queue: Series
    """Most jobs that waited or ran."""
    instances: Series
    seconds_per_image: Series
    """Of the jobs that succeeded; empty where the containers do not write it."""


class MetricHistories:
    """Reads when somebody asks, with one call of four metrics."""

    def __init__(self, aws: Aws, endpoints: Endpoints, clock: Clock) -> None:
        self._cloudwatch: CloudWatchClient = aws.cloudwatch(for_pages=True)
        self._endpoints = endpoints
        self._clock = clock

    def read(self, user: User, name: str) -> MetricHistory:
        """The last 24 hours. Raises NotFound, AwsError."""
        if self._endpoints.find(user, name) is None:
            raise NotFound(endpoint_texts.is_gone(name))
        now = self._clock()
        with translate_errors(texts.reading_metrics_failed(name)):
            answer = self._cloudwatch.get_metric_data(
                MetricDataQueries=_queries(name),
                StartTime=now - _DAY,
                EndTime=now,
                ScanBy="TimestampAscending",
            )
        found: dict[str, dict[datetime, float]] = {
            one["Id"]: dict(zip(one["Timestamps"], one["Values"], strict=True))
            for one in answer["MetricDataResults"]
        }
        samples = {at: count / _MINUTES for at, count in found.get("instances", {}).items()}
        ratio = _ratio(found.get("seconds", {}), found.get("images", {}))
        return MetricHistory(
            queue=_series(found.get("queue", {})),
            instances=_series(samples),
            seconds_per_image=_series(ratio),
        )


def _queries(name: str) -> Any:
    endpoint, variant = {"EndpointName": name}, {"EndpointName": name, "VariantName": VARIANT}
    ended = {"Endpoint": name, "Outcome": "succeeded"}
    return [
        _query("queue", METRICS, BACKLOG, endpoint, "Maximum"),
        # Each instance tells its own once a minute.
        _query("instances", _HOST, "CPUUtilization", variant, "SampleCount"),
        _query("seconds", _CONTAINER, "JobSeconds", ended, "Sum"),
        _query("images", _CONTAINER, "Images", ended, "Sum"),
    ]


def _query(
    query: str, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str
) -> dict[str, Any]:
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    about = {"Namespace": namespace, "MetricName": metric, "Dimensions": named}
    return {
        "Id": query,
        "MetricStat": {"Metric": about, "Period": _PERIOD, "Stat": statistic},
    }


def _ratio(
    seconds: Mapping[datetime, float], images: Mapping[datetime, float]
) -> dict[datetime, float]:
    return {at: value / images[at] for at, value in seconds.items() if images.get(at)}


def _series(values: Mapping[datetime, float]) -> Series:
    return tuple(sorted(values.items()))
