"""The line of an endpoint: which job is sent next, and how far each is from its turn. Pure.

Owners take turns (round robin), so that nobody's fifty jobs stand before another's one. Jobs with
priority are first, but for every second turn, which is another's where another waits.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from core.jobs.records import Job

_Rank = tuple[int, float]
"""Sorts owners by when they were served: before now, at a Unix time; from now on, by the turn."""


class LinePosition(NamedTuple):
    """Where a job stands: the first in line is 1."""

    number: int
    own_before: int
    """How many jobs of the same owner are sent before it."""


def in_order(
    jobs: Iterable[Job],
    served: Mapping[str, datetime],
    *,
    after_priority: bool = False,
) -> Iterator[Job]:
    """The waiting jobs of one endpoint in the order in which they are sent.

    `served` says when each owner had a job sent last, `after_priority` that the last one sent had
    priority.
    """
    queues = _by_owner(job for job in jobs if job.is_in_line)
    ranks: dict[str, _Rank] = {owner: (0, at.timestamp()) for owner, at in served.items()}
    turn = 0
    while queues:
        owner = _next_owner(queues, ranks, wants_priority=not after_priority)
        job = queues[owner].popleft()
        yield job
        if not queues[owner]:
            del queues[owner]
        turn += 1
        ranks[owner] = (1, turn)
        after_priority = job.has_priority


def positions(order: Iterable[Job]) -> dict[str, LinePosition]:
    """The position of each job of a line, by its id."""
    found: dict[str, LinePosition] = {}
    own: dict[str, int] = {}
    for number, job in enumerate(order, 1):
        found[job.id] = LinePosition(number, own.get(job.owner, 0))
        own[job.owner] = own.get(job.owner, 0) + 1
    return found


def last_served(jobs: Iterable[Job]) -> dict[str, datetime]:
    """When each owner of these jobs had one sent last."""
    served: dict[str, datetime] = {}
    for job in jobs:
        if job.sent_at:
            served[job.owner] = max(job.sent_at, served.get(job.owner, job.sent_at))
    return served


def _by_owner(waiting: Iterable[Job]) -> dict[str, deque[Job]]:
    queues: dict[str, deque[Job]] = {}
    for job in sorted(waiting, key=_place_among_own):
        queues.setdefault(job.owner, deque()).append(job)
    return queues


def _place_among_own(job: Job) -> tuple[float, str]:
    """What was moved to the front last is first, then what was asked for first."""
    return -job.moved_at.timestamp() if job.moved_at else 0.0, job.id


def _next_owner(
    queues: Mapping[str, deque[Job]], ranks: Mapping[str, _Rank], *, wants_priority: bool
) -> str:
    owners = [o for o, queue in queues.items() if queue[0].has_priority is wants_priority]
    return min(owners or list(queues), key=lambda o: (ranks.get(o, (0, 0.0)), queues[o][0].id))
