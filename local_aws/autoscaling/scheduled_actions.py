"""Owns the scheduled actions of scalable targets: stored, described, and which of them are due."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from local_aws.autoscaling.schedules import Schedule, parse_schedule
from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter, ObjectNotFound

BuildArn = Callable[[str, str], str]

_REPLACED = ("Schedule", "Timezone", "ScalableTargetAction")
_BOUNDARIES = ("StartTime", "EndTime")


class ScheduledActions:
    """The scheduled actions. An action that was due while this process was down is due at its
    next start: AWS is never down."""

    def __init__(self, documents: DocumentStore, arn: BuildArn) -> None:
        self._documents = documents
        self._arn = arn

    def all(self, resource: str | None = None) -> list[Document]:
        """The actions of a target, or of all targets (None)."""
        actions = self._documents.all("scheduled-action")
        return [action for action in actions if resource in {None, action["ResourceId"]}]

    def put(self, target_fields: Document, params: Mapping[str, Any], now: float) -> None:
        """Create or change an action. What is not given stays, but for start and end times."""
        key = _key(params)
        existing = self._documents.get("scheduled-action", key) or {}
        action = {
            "ScheduledActionARN": self._arn(
                "autoscaling",
                f"scheduledAction:{uuid.uuid4()}:resource/sagemaker/{params['ResourceId']}"
                f":scheduledActionName/{params['ScheduledActionName']}",
            ),
            "CreationTime": now,
            **existing,
            **target_fields,
            "ScheduledActionName": params["ScheduledActionName"],
            **{name: params[name] for name in _REPLACED if name in params},
            "CheckedUntil": now,
        }
        for name in _BOUNDARIES:
            action.pop(name, None)
            if name in params:
                action[name] = params[name]
        _check(action)
        self._documents.put("scheduled-action", key, action)

    def delete(self, params: Mapping[str, Any]) -> None:
        """Delete an action. Raises `ObjectNotFound`."""
        if not self._documents.delete("scheduled-action", _key(params)):
            raise ObjectNotFound(
                f"No scheduled action found for resource ID: {params['ResourceId']}, "
                f"scheduled action name: {params['ScheduledActionName']}"
            )

    def delete_all(self, resource: str) -> None:
        """Delete the actions of a target that is deregistered."""
        for action in self.all(resource):
            self._documents.delete("scheduled-action", _key(action))

    def due(self, now: float) -> list[Document]:
        """The actions that became due since they were last asked for, in the order of their times.

        A one-time action is deleted with it.
        """
        found = sorted(self._newly_due(now), key=lambda item: item[0])
        for moment, action in found:
            if action["Schedule"].startswith("at("):
                self._documents.delete("scheduled-action", _key(action))
            else:
                fields = {"CheckedUntil": moment.timestamp()}
                self._documents.merge("scheduled-action", _key(action), fields)
        return [action for _, action in found]

    def _newly_due(self, now: float) -> Iterator[tuple[datetime, Document]]:
        for action in self.all():
            last, until = _from_unix(action["CheckedUntil"]), now
            if "StartTime" in action:
                last = max(last, _from_unix(action["StartTime"]) - timedelta(microseconds=1))
            if "EndTime" in action:
                until = min(until, action["EndTime"])
            moment = _schedule(action)(last, _from_unix(until))
            if moment is not None:
                yield moment, action


def _check(action: Document) -> None:
    """Raise `InvalidParameter` where AWS would answer with ValidationException."""
    if action.get("Timezone", "UTC") not in available_timezones():
        raise InvalidParameter(f"Timezone {action['Timezone']} is not supported.")
    try:
        _schedule(action)
    except (KeyError, ValueError) as error:
        shown = action.get("Schedule")
        raise InvalidParameter(f"Schedule expression {shown} is not valid: {error}") from error
    bounds = action.get("ScalableTargetAction", {})
    if not bounds:
        raise InvalidParameter("ScalableTargetAction needs MinCapacity, MaxCapacity or both.")
    low, high = bounds.get("MinCapacity", 0), bounds.get("MaxCapacity", float("inf"))
    if not 0 <= low <= high:
        raise InvalidParameter(
            "Maximum capacity cannot be less than minimum capacity, and neither below 0."
        )


def _schedule(action: Document) -> Schedule:
    created = _from_unix(action["CreationTime"])
    return parse_schedule(action["Schedule"], action.get("Timezone", "UTC"), created)


def _from_unix(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _key(action: Mapping[str, Any]) -> str:
    return f"{action['ResourceId']} {action['ScheduledActionName']}"
