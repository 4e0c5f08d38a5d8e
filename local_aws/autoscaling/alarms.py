"""CloudWatch alarms, which moto holds in memory: kept over a restart, and read by the scaling."""

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local_aws.document_store import Document, DocumentStore
from local_aws.http.messages import Request

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient

_log = logging.getLogger(__name__)

_CHANGES = {
    "PutMetricAlarm", "DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions",
}  # fmt: skip
_SETTINGS = (
    "AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions",
    "InsufficientDataActions", "MetricName", "Namespace", "Statistic", "ExtendedStatistic",
    "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
    "ComparisonOperator", "TreatMissingData", "Metrics",
)  # fmt: skip


class Alarms:
    """The alarms as CloudWatch describes them, with their records in step.

    Made when CloudWatch is there: the alarms of the last run are put into it again.
    """

    def __init__(self, documents: DocumentStore, cloudwatch: "CloudWatchClient") -> None:
        self._documents = documents
        self._cloudwatch = cloudwatch
        self._lock = threading.Lock()
        self._known: list[Document] = documents.all("alarm")
        for alarm in self._known:
            try:
                self._cloudwatch.put_metric_alarm(**alarm)
            except (BotoCoreError, ClientError):
                _log.exception("event=alarm_not_restored alarm=%s", alarm["AlarmName"])

    def observe(self, request: Request) -> None:
        """After a CloudWatch request: take over what it changed."""
        if request.operation in _CHANGES:
            self._refresh()

    def all(self) -> list[Document]:
        """All alarms on a metric."""
        return self._known

    def show(self, alarm: Document, state: str, reason: str) -> None:
        """Set the state that DescribeAlarms shows."""
        self._cloudwatch.set_alarm_state(
            AlarmName=alarm["AlarmName"],
            StateValue=state,  # type: ignore[arg-type]
            StateReason=reason,
            StateReasonData=json.dumps({"evaluatedBy": "local AWS"}),
        )

    def _refresh(self) -> None:
        with self._lock:
            pages = self._cloudwatch.get_paginator("describe_alarms").paginate()
            found = [_settings(alarm) for page in pages for alarm in page["MetricAlarms"]]
            gone = {alarm["AlarmName"] for alarm in self._known}
            for alarm in found:
                self._documents.put("alarm", alarm["AlarmName"], alarm)
            for name in gone - {alarm["AlarmName"] for alarm in found}:
                self._documents.delete("alarm", name)
            self._known = found


def _settings(alarm: Any) -> Document:
    """What PutMetricAlarm takes of a described alarm."""
    return {name: alarm[name] for name in _SETTINGS if alarm.get(name) not in (None, [], "")}
