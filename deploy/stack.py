"""One CloudFormation stack: read, created or updated, deleted, each followed to its end."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from core.aws.client import translate_errors
from core.aws.tags import cost_tags
from core.errors import AwsError, DeploymentFailed, InvalidInput
from deploy import texts
from formats.frozen import Frozen

TEMPLATE: Final = Path(__file__).with_name("template.yaml")
_POLL_SECONDS: Final = 3.0
_NO_CHANGE: Final = "No updates are to be performed"
_GONE: Final = "DELETE_COMPLETE"


def template_body() -> str:
    """The template as CloudFormation takes it, which is 51,200 bytes at most: without comments, and
    with the items of a list below their key instead of two columns to the right of it."""
    # The column of each list around a line, and how far its items are moved to the left.
    lists, body = [(-1, 0)], list[str]()
    for line in TEMPLATE.read_text("utf-8").splitlines():
        text = line.lstrip(" ")
        column = len(line) - len(text)
        if not text or text.startswith("#"):
            continue
        while column < lists[-1][0]:
            lists.pop()
        if text.startswith("- ") and column > lists[-1][0]:
            is_below_key = bool(body) and body[-1].endswith(":")
            lists.append((column, lists[-1][1] + 2 * is_below_key))
        body.append(" " * (column - lists[-1][1]) + text)
    return "\n".join(body) + "\n"


Report = Callable[[str], None]
"""Takes a line for whoever waits."""


class StackState(Frozen):
    """A stack as CloudFormation describes it."""

    name: str
    status: str
    reason: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def is_busy(self) -> bool:
        """Whether it is being changed."""
        return self.status.endswith("_IN_PROGRESS")

    @property
    def is_failed(self) -> bool:
        """Whether the last change was taken back, or stopped half-way."""
        return "ROLLBACK" in self.status or self.status.endswith("_FAILED")

    @property
    def is_stillborn(self) -> bool:
        """Whether it never came to be; CloudFormation takes no update of it."""
        return self.status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"}


class StackResource(Frozen):
    """One thing that the stack made."""

    name: str
    kind: str
    id: str


class CloudStack:
    """A stack by its name. Every method raises AwsError where CloudFormation refuses."""

    def __init__(self, client: Any, name: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self.name = name
        self._sleep = sleep

    def find(self) -> StackState | None:
        """The stack as it is now, or None."""
        try:
            with translate_errors(texts.READING_STACK_FAILED):
                (found,) = self._client.describe_stacks(StackName=self.name)["Stacks"]
        except AwsError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] == _GONE else _state(found)

    def resources(self) -> tuple[StackResource, ...]:
        """Everything in it."""
        with translate_errors(texts.READING_STACK_FAILED):
            pages = self._client.get_paginator("list_stack_resources").paginate(StackName=self.name)
            found = [item for page in pages for item in page["StackResourceSummaries"]]
        return tuple(
            StackResource(
                name=item.get("LogicalResourceId") or "",
                kind=item.get("ResourceType") or "",
                id=item.get("PhysicalResourceId") or "",
            )
            for item in found
        )

    def apply(self, given: Mapping[str, str], report: Report) -> StackState:
        """Create the stack or update it; parameters that are not given stay as they are.

        Raises InvalidInput for a parameter that the template hasn't, DeploymentFailed with the
        reasons where CloudFormation took the change back.
        """
        before = self.find()
        if before and before.is_stillborn:
            self.delete(report)
            before = None
        if before and before.is_busy:
            raise DeploymentFailed(texts.stack_is_busy(self.name, before.status))
        kept = before.parameters if before else {}
        seen = set(self._event_ids()) if before else set()
        change: dict[str, Any] = {"Parameters": self._parameters(given, kept)}
        if team := {**kept, **given}.get("Team"):
            change["Tags"] = cost_tags(team=team)  # CloudFormation puts them on all that it makes
        if not self._change(change, exists=before is not None):
            return before or self._require()
        return self._follow(seen, report)

    def delete(self, report: Report) -> None:
        """Delete it and wait until it is gone. Raises DeploymentFailed where something stays."""
        seen, arn = set(self._event_ids()), self._arn()
        with translate_errors(texts.changing_stack_failed(self.name)):
            self._client.delete_stack(StackName=self.name)
        while (state := self.find()) and state.is_busy:
            self._report_events(arn, seen, report)
            self._sleep(_POLL_SECONDS)
        if state and state.is_failed:
            raise DeploymentFailed(self._failure(state))

    def _change(self, change: Mapping[str, Any], *, exists: bool) -> bool:
        """Whether there was anything to change."""
        call = self._client.update_stack if exists else self._client.create_stack
        try:
            with translate_errors(texts.changing_stack_failed(self.name)):
                call(
                    StackName=self.name,
                    TemplateBody=template_body(),
                    **change,
                    Capabilities=["CAPABILITY_IAM"],
                )
        except AwsError as error:
            if _NO_CHANGE in str(error):
                return False
            raise
        return True

    def _parameters(self, given: Mapping[str, str], kept: Mapping[str, str]) -> list[Any]:
        """For CloudFormation: those given, those kept as they are, and the template's defaults."""
        with translate_errors(texts.READING_STACK_FAILED):
            summary = self._client.get_template_summary(TemplateBody=template_body())
        defaults = {
            each["ParameterKey"]: each.get("DefaultValue") for each in summary["Parameters"]
        }
        if unknown := sorted(given.keys() - defaults):
            raise InvalidInput(texts.unknown_parameters(unknown, sorted(defaults)))
        values = {**defaults, **given}
        return [
            {"ParameterKey": name, "UsePreviousValue": True}
            if name in kept and name not in given
            else {"ParameterKey": name, "ParameterValue": value}
            for name, value in values.items()
            if name in kept or value is not None
        ]

    def _follow(self, seen: set[str], report: Report) -> StackState:
        while (state := self._require()).is_busy:
            self._report_events(self.name, seen, report)
            self._sleep(_POLL_SECONDS)
        self._report_events(self.name, seen, report)
        if state.is_failed:
            raise DeploymentFailed(self._failure(state))
        return state

    def _require(self) -> StackState:
        state = self.find()
        if state is None:
            raise DeploymentFailed(texts.no_stack(self.name))
        return state

    def _events(self, stack: str) -> Iterator[Any]:
        """Newest first."""
        with translate_errors(texts.READING_STACK_FAILED):
            pages = self._client.get_paginator("describe_stack_events").paginate(StackName=stack)
            for page in pages:
                yield from page["StackEvents"]

    def _event_ids(self) -> Iterator[str]:
        return (str(event["EventId"]) for event in self._events(self.name))

    def _report_events(self, stack: str, seen: set[str], report: Report) -> None:
        """Tell what is new, oldest first."""
        new = [event for event in self._events(stack) if event["EventId"] not in seen]
        for event in reversed(new):
            seen.add(event["EventId"])
            name, kind = event.get("LogicalResourceId", ""), event.get("ResourceType", "")
            reason = event.get("ResourceStatusReason", "")
            report(texts.event(name, kind, event.get("ResourceStatus", ""), reason))

    def _failure(self, state: StackState) -> str:
        """The first reasons; those after them are that others were cancelled."""
        failed = [
            texts.reason_of(event.get("LogicalResourceId", ""), event["ResourceStatusReason"])
            for event in self._events(self.name)
            if event.get("ResourceStatus", "").endswith("_FAILED")
            and "ResourceStatusReason" in event
            and "cancelled" not in event["ResourceStatusReason"]
        ]
        return texts.stack_failed(self.name, state.status, dict.fromkeys(reversed(failed)))

    def _arn(self) -> str:
        """By which events can be read of a stack that is gone."""
        with translate_errors(texts.READING_STACK_FAILED):
            (found,) = self._client.describe_stacks(StackName=self.name)["Stacks"]
        return str(found["StackId"])


def _state(found: Any) -> StackState:
    parameters = found.get("Parameters", ())
    outputs = found.get("Outputs", ())
    return StackState(
        name=found["StackName"],
        status=found["StackStatus"],
        reason=found.get("StackStatusReason", ""),
        parameters={each["ParameterKey"]: each["ParameterValue"] for each in parameters},
        outputs={each["OutputKey"]: each["OutputValue"] for each in outputs},
    )
