"""Reads what an endpoint's containers have written to CloudWatch Logs: the end, or of a job."""

from datetime import datetime, timedelta
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.service import Endpoints
from core.errors import AwsNotFound, NotFound
from core.team.users import User
from core.texts import endpoints as endpoint_texts
from core.texts import lifecycle as texts

_GROUP: Final = "/aws/sagemaker/Endpoints/"
_DATA_LOG: Final = "/data-log"
"""SageMaker's own streams, of the invocations of asynchronous endpoints."""

LINES: Final = 60
_LETTERS: Final = 500
"""Of one line."""
_STREAMS: Final = 2
"""The newest instances: after a failed start the last one to try."""
_LISTED: Final = 10
_PAGES: Final = 3
"""An answer may be empty although there are lines; so many are asked for."""

JOB_LINES: Final = 200
_JOB_PAGES: Final = 5
_AROUND: Final = timedelta(minutes=1)
"""Clocks differ a little, and a line arrives a little late."""


class ContainerLog:
    """The log, read when somebody asks for it: a handful of calls, of seconds each at most."""

    def __init__(self, aws: Aws, endpoints: Endpoints) -> None:
        self._logs = aws.client_for_pages("logs")
        self._endpoints = endpoints

    def last_lines(self, user: User, name: str) -> tuple[str, ...]:
        """Up to 60 lines of an instance, those of the newest instance last; none where no
        container has written any. Raises NotFound, AwsError."""
        if self._endpoints.find(user, name) is None:
            raise NotFound(endpoint_texts.is_gone(name))
        group = _GROUP + name
        try:
            with translate_errors(texts.reading_log_failed(name)):
                streams = reversed(self._streams(group))
                return tuple(line for stream in streams for line in self._lines(group, stream))
        except AwsNotFound:
            return ()

    def lines_of_job(
        self, name: str, job_id: str, begin: datetime, end: datetime
    ) -> tuple[str, ...]:
        """Up to 200 lines that name a job, oldest first, of a time in which it was worked on; none
        where there are none (any more). The endpoint may be gone: its log stays. Raises AwsError.
        """
        asked: dict[str, Any] = {
            "logGroupName": _GROUP + name,
            "filterPattern": f'"{job_id}"',
            "startTime": _milliseconds(begin - _AROUND),
            "endTime": _milliseconds(end + _AROUND),
            "limit": JOB_LINES,
        }
        lines: list[str] = []
        try:
            with translate_errors(texts.reading_log_failed(name)):
                for _ in range(_JOB_PAGES):
                    answer = self._logs.filter_log_events(**asked)
                    lines += [one["message"].rstrip()[:_LETTERS] for one in answer["events"]]
                    if "nextToken" not in answer or len(lines) >= JOB_LINES:
                        break
                    asked["nextToken"] = answer["nextToken"]
        except AwsNotFound:
            return ()
        # The embedded metric format's lines are for CloudWatch, not for people.
        return tuple(line for line in lines if not line.startswith("{"))[:JOB_LINES]

    def _streams(self, group: str) -> list[str]:
        answer = self._logs.describe_log_streams(
            logGroupName=group, orderBy="LastEventTime", descending=True, limit=_LISTED
        )
        names = [one["logStreamName"] for one in answer["logStreams"]]
        return [name for name in names if not name.endswith(_DATA_LOG)][:_STREAMS]

    def _lines(self, group: str, stream: str) -> list[str]:
        asked: dict[str, Any] = {"logGroupName": group, "logStreamName": stream}
        token: dict[str, str] = {}
        for _ in range(_PAGES):
            answer = self._logs.get_log_events(**asked, **token, limit=LINES, startFromHead=False)
            if answer["events"]:
                return [one["message"].rstrip()[:_LETTERS] for one in answer["events"]]
            token = {"nextToken": answer["nextBackwardToken"]}
        return []


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
