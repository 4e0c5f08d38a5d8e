"""Counts the seconds for which an endpoint's instances were up, from one look to the next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from core.endpoints.status import Endpoint, EndpointStatus
from formats.frozen import Frozen, Tolerant

_GAP: Final = timedelta(seconds=150)
"""Two looks that are no further apart see every instance; within longer ones AWS is asked."""

_LONGEST_START: Final = timedelta(minutes=30)
"""An endpoint last modified so soon after its creation was modified by getting InService."""

Seconds = Mapping[str, float]
"""Instance seconds by instance type."""


class ScalingStep(Frozen):
    """From when on an endpoint was wanted to have so many instances."""

    at: datetime
    instances: int


ReadSteps = Callable[[str], Sequence[ScalingStep]]
"""The last scaling steps of an endpoint, as AWS tells of them."""


class EndpointUsage(Tolerant):
    """The instance seconds of one endpoint in one month, UTC, as far as it was looked at."""

    endpoint: str
    created_at: datetime
    seen_at: datetime
    """Until when they are counted."""
    instance_type: str
    instances: int
    """At the last look."""
    seconds: dict[str, float] = Field(default_factory=dict)
    estimated: dict[str, float] = Field(default_factory=dict)
    """The part of them in which nobody looked and AWS does not tell of."""
    before: dict[str, float] = Field(default_factory=dict)
    """Instance seconds of earlier months, since the endpoint was created."""
    before_estimated: dict[str, float] = Field(default_factory=dict)
    busy_at: datetime
    """When it last had a job; when it was first seen, where it never had."""
    idle: dict[str, float] = Field(default_factory=dict)
    """Instance seconds since then."""


class Span(Frozen):
    """A time in which a number of instances was up."""

    start: datetime
    end: datetime
    instances: int
    is_estimated: bool = False

    @property
    def seconds(self) -> float:
        """Instance seconds."""
        return (self.end - self.start).total_seconds() * self.instances

    def within(self, start: datetime, end: datetime) -> "Span":
        """The part of it between two times; empty where there is none."""
        first = min(max(self.start, start), end)
        return self.model_copy(update={"start": first, "end": max(min(self.end, end), first)})


def billed_instances(endpoint: Endpoint) -> int:
    """The instances that are paid for; a failed endpoint has none, whatever it should have."""
    return 0 if endpoint.status is EndpointStatus.FAILED else endpoint.instances


def first_usage(endpoint: Endpoint, now: datetime) -> EndpointUsage:
    """The usage of an endpoint that nobody saw before, as of its creation."""
    has_only_started = endpoint.changed_at - endpoint.created_at <= _LONGEST_START
    return EndpointUsage(
        endpoint=endpoint.name,
        created_at=endpoint.created_at,
        seen_at=min(endpoint.created_at, now),
        instance_type=endpoint.instance_type,
        instances=0 if has_only_started else max(1, billed_instances(endpoint)),
        busy_at=now,
    )


def spans_since(
    usage: EndpointUsage, endpoint: Endpoint, now: datetime, read_steps: ReadSteps
) -> Iterator[Span]:
    """What was up since the last look.

    In a longer gap the steps of scaling count. Where AWS has none, the number of the last look
    is taken until the endpoint was last modified, as an estimate; since then it has not changed.
    """
    start = usage.seen_at
    if now - start <= _GAP:
        yield Span(start=start, end=max(now, start), instances=usage.instances)
        return
    changed = min(max(endpoint.changed_at, start), now)
    steps = [step for step in read_steps(endpoint.name) if start < step.at < now]
    if changed == start or not steps:
        yield Span(start=start, end=changed, instances=usage.instances, is_estimated=True)
        yield Span(start=changed, end=now, instances=billed_instances(endpoint))
        return
    instances = usage.instances
    for step in sorted(steps, key=lambda step: step.at):
        yield Span(start=start, end=step.at, instances=instances)
        start, instances = step.at, step.instances
    yield Span(start=start, end=now, instances=instances)


def counted(
    usage: EndpointUsage, spans: Sequence[Span], endpoint: Endpoint, *, until: datetime
) -> EndpointUsage:
    """The usage with what the spans have between its last look and `until`.

    They are of the instance type seen last. Where `until` is before their end, what the endpoint
    is now counts only from there on.
    """
    kind = usage.instance_type
    parts = [span.within(usage.seen_at, until) for span in spans]
    total = sum(part.seconds for part in parts)
    estimated = sum(part.seconds for part in parts if part.is_estimated)
    if until >= spans[-1].end:
        last = {"instance_type": endpoint.instance_type, "instances": billed_instances(endpoint)}
    else:
        filled = [part.instances for part in parts if part.end > part.start]
        last = {"instances": filled[-1] if filled else usage.instances}
    return usage.model_copy(
        update={
            **last,
            "seen_at": max(until, usage.seen_at),
            "seconds": plus(usage.seconds, {kind: total}),
            "estimated": plus(usage.estimated, {kind: estimated}),
            "idle": plus(usage.idle, {kind: total}),
        }
    )


def next_month(usage: EndpointUsage) -> EndpointUsage:
    """The usage to begin another month with."""
    return usage.model_copy(
        update={
            "seconds": {},
            "estimated": {},
            "before": plus(usage.before, usage.seconds),
            "before_estimated": plus(usage.before_estimated, usage.estimated),
        }
    )


def plus(one: Seconds, other: Seconds) -> dict[str, float]:
    """The sum by instance type, without those that have none."""
    total = {kind: one.get(kind, 0) + other.get(kind, 0) for kind in {**one, **other}}
    return {kind: seconds for kind, seconds in total.items() if seconds}
