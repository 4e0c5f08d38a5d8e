"""Owns the CloudWatch alarms: moto holds them in memory, here they are stored over a restart."""

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.autoscaling.decisions import AlarmState
from local_aws.document_store import Document, DocumentStore
from local_aws.http.messages import Request

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient

_logger = logging.getLogger(__name__)

_CHANGING_OPERATIONS = {
    "PutMetricAlarm",
    "DeleteAlarms",
    "EnableAlarmActions",
    "DisableAlarmActions",
}
_PUT_FIELDS = (
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "Metrics",
)


class CloudWatchAlarms:
    """The alarms as CloudWatch describes them, and a stored copy.

    The constructor puts the alarms of the last run into CloudWatch again.
    """

    def __init__(self, documents: DocumentStore, cloudwatch: "CloudWatchClient") -> None:
        self._documents = documents
        self._cloudwatch = cloudwatch
        self._lock = threading.Lock()
        self._alarms: list[Document] = documents.all("alarm")
        for alarm in self._alarms:
            try:
                self._cloudwatch.put_metric_alarm(**alarm)
            except (BotoCoreError, ClientError):
                _logger.exception("event=alarm_not_restored alarm=%s", alarm["AlarmName"])

    def refresh_after(self, request: Request) -> None:
        """Store what a CloudWatch request changed; call it after the request."""
        if request.operation in _CHANGING_OPERATIONS:
            self._refresh()

    def all(self) -> list[Document]:
        """All alarms on a metric."""
        return self._alarms

    def set_state(self, alarm: Document, state: AlarmState, reason: str) -> None:
        """Set the state that DescribeAlarms shows."""
        self._cloudwatch.set_alarm_state(
            AlarmName=alarm["AlarmName"],
            StateValue=state,
            StateReason=reason,
            StateReasonData=json.dumps({"evaluatedBy": "local AWS"}),
        )

    def _refresh(self) -> None:
        with self._lock:
            pages = self._cloudwatch.get_paginator("describe_alarms").paginate()
            alarms = [_put_fields(alarm) for page in pages for alarm in page["MetricAlarms"]]
            for alarm in alarms:
                self._documents.put("alarm", alarm["AlarmName"], alarm)
            for name in _names(self._alarms) - _names(alarms):
                self._documents.delete("alarm", name)
            self._alarms = alarms


def _names(alarms: list[Document]) -> set[str]:
    return {alarm["AlarmName"] for alarm in alarms}


def _put_fields(alarm: Any) -> Document:
    """The fields of a described alarm that PutMetricAlarm takes."""
    return {name: alarm[name] for name in _PUT_FIELDS if alarm.get(name) not in (None, [], "")}
