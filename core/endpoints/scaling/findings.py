"""The doctor: what of an endpoint's scaling is missing on AWS, or different from its order."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from core.endpoints.scaling.account import Described, ScalingObjects
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.objects import (
    alarm_arguments,
    idle_alarm_arguments,
    idle_arguments,
    schedule_arguments,
    target_arguments,
    tracking_arguments,
    wake_arguments,
)
from core.endpoints.scaling.schedule import STOPPED, closed_bounds, open_bounds
from core.endpoints.scaling.spec import ScalingSpec
from core.texts import scaling as texts
from formats.frozen import Frozen


class ScalingProblem(StrEnum):
    """What is wrong with an object."""

    MISSING = "missing"
    DIFFERENT = "different"
    UNWANTED = "unwanted"
    FOREIGN = "foreign"
    """Somebody else's policy or action on our target; it is told and left alone."""


class Finding(Frozen):
    """One object that is not as ordered."""

    problem: ScalingProblem
    what: str
    """The object in words, with its name."""
    detail: str
    """What that means, or in which values it differs."""


_MISSING: Final = ScalingProblem.MISSING


def findings(
    endpoint: str,
    spec: ScalingSpec,
    found: ScalingObjects,
    now: datetime,
    *,
    is_held: bool = False,
) -> tuple[Finding, ...]:
    """Everything that differs from the order; empty where all is as ordered."""
    return (
        *_target_findings(endpoint, spec, found, now, is_held=is_held),
        *_policy_findings(endpoint, spec, found),
        *_alarm_findings(endpoint, spec, found),
        *_action_findings(endpoint, spec, found, now),
    )


def _target_findings(
    endpoint: str, spec: ScalingSpec, found: ScalingObjects, now: datetime, *, is_held: bool
) -> Iterator[Finding]:
    what = texts.TARGET
    if found.target is None:
        yield Finding(problem=_MISSING, what=what, detail=texts.TARGET_MISSING)
        return
    bounds = (found.target["MinCapacity"], found.target["MaxCapacity"])
    # Within the office hours somebody may have stopped it, which lasts until they open again.
    is_stopped = is_held or spec.has_ended(now)
    allowed = {STOPPED} if is_stopped else {open_bounds(spec), closed_bounds(spec)}
    if bounds not in allowed:
        wanted = STOPPED if is_stopped else closed_bounds(spec)
        detail = texts.other_bounds(*bounds, *wanted)
        yield Finding(problem=ScalingProblem.DIFFERENT, what=what, detail=detail)
    wanted_states = target_arguments(endpoint, STOPPED, is_held=is_held)["SuspendedState"]
    if tuple(_differences(wanted_states, found.target.get("SuspendedState", {}))):
        detail = texts.NOT_SUSPENDED if is_held else texts.SUSPENDED
        yield Finding(problem=ScalingProblem.DIFFERENT, what=what, detail=detail)


def _policy_findings(endpoint: str, spec: ScalingSpec, found: ScalingObjects) -> Iterator[Finding]:
    names = names_of(endpoint)
    for name, wanted, text, missing in (
        (
            names.tracking,
            tracking_arguments(endpoint, spec),
            texts.TRACKING,
            texts.TRACKING_MISSING,
        ),
        (names.wake, wake_arguments(endpoint, spec), texts.WAKE, texts.WAKE_MISSING),
        (names.idle, idle_arguments(endpoint, spec), texts.IDLE, texts.IDLE_MISSING),
    ):
        yield from _compare(text, wanted, found.policy(name), missing)
    ours = {names.tracking, names.wake, names.idle}
    for policy in found.policies:
        if policy["PolicyName"] not in ours:
            yield _foreign(texts.foreign_policy(policy["PolicyName"]))


def _alarm_findings(endpoint: str, spec: ScalingSpec, found: ScalingObjects) -> Iterator[Finding]:
    names = names_of(endpoint)
    wake, idle = found.policy(names.wake), found.policy(names.idle)
    wake_alarm = alarm_arguments(endpoint, _arn(wake)) if wake_arguments(endpoint, spec) else None
    idle_alarm = None
    if idle_arguments(endpoint, spec):
        idle_alarm = idle_alarm_arguments(endpoint, spec, _arn(idle))
    for name, policy, wanted, text, missing in (
        (names.alarm, wake, wake_alarm, texts.ALARM, texts.ALARM_MISSING),
        (names.idle_alarm, idle, idle_alarm, texts.IDLE_ALARM, texts.IDLE_MISSING),
    ):
        if wanted and not policy:
            wanted.pop("AlarmActions")  # the policy's own finding says it
        yield from _compare(text, wanted, found.alarm(name), missing)


def _arn(policy: Described | None) -> str:
    return policy["PolicyARN"] if policy else ""


def _action_findings(
    endpoint: str, spec: ScalingSpec, found: ScalingObjects, now: datetime
) -> Iterator[Finding]:
    names = names_of(endpoint)
    words = {
        names.opening: texts.OPENING,
        names.closing: texts.CLOSING,
        names.ending: texts.ENDING,
    }
    # AWS may drop an action that will not run any more.
    wanted = (
        {}
        if spec.has_ended(now)
        else {one["ScheduledActionName"]: one for one in schedule_arguments(endpoint, spec)}
    )
    for name, text in words.items():
        if spec.has_ended(now):
            break
        yield from _compare(text, wanted.get(name), found.action(name), texts.ACTION_MISSING)
    for action in found.actions:
        if action["ScheduledActionName"] not in words:
            yield _foreign(texts.foreign_action(action["ScheduledActionName"]))


def _foreign(what: str) -> Finding:
    return Finding(problem=ScalingProblem.FOREIGN, what=what, detail=texts.FOREIGN)


def _compare(
    what: str, wanted: Mapping[str, Any] | None, found: Described | None, missing: str
) -> Iterator[Finding]:
    if wanted is None:
        if found is not None:
            problem = ScalingProblem.UNWANTED
            yield Finding(problem=problem, what=what, detail=texts.UNWANTED)
    elif found is None:
        yield Finding(problem=_MISSING, what=what, detail=missing)
    elif differing := tuple(_differences(wanted, found)):
        detail = texts.differs(differing)
        yield Finding(problem=ScalingProblem.DIFFERENT, what=what, detail=detail)


def _differences(wanted: Mapping[str, Any], found: Described) -> Iterator[str]:
    """The names of the fields that differ. What AWS adds by itself is no difference."""
    for name, value in wanted.items():
        there = found.get(name)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            yield from _differences(value, there)
        elif not _equal(value, there):
            yield name


def _equal(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, list) and isinstance(found, list | tuple):
        return len(wanted) == len(found) and all(map(_equal, wanted, found))
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return not tuple(_differences(wanted, found))
    if isinstance(wanted, datetime) and isinstance(found, datetime):
        return abs((wanted - found).total_seconds()) < 1
    # False is what AWS leaves out.
    return bool(wanted == found) or (wanted is False and found is None)
