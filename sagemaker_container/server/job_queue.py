"""Owns the line of jobs that wait for the worker, and who is taken from it together.

First come, first served: the oldest job is always in the next order, so nobody starves. Those
behind it that can be drawn in one batch with it come along.
"""

import asyncio
from bisect import insort
from dataclasses import dataclass

from formats.generation.batching import batch_key
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult


@dataclass(frozen=True)
class Waiting:
    """A job in the line, and what its caller waits for."""

    request: GenerationRequest
    arrival: int
    """Its number among all that came."""
    key: str | None
    """Equal for jobs that may be drawn together; None for one that is drawn alone."""
    result: "asyncio.Future[GenerationResult]"


class WaitingLine:
    """The line; at most `limit` pictures of several jobs are drawn together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: list[Waiting] = []

    @property
    def first(self) -> Waiting | None:
        """Whose turn is next."""
        return self._waiting[0] if self._waiting else None

    def add(self, request: GenerationRequest, arrival: int) -> Waiting:
        """Go to the end of the line, but not behind those who came later."""
        try:
            key = batch_key(request)
        except ValueError:
            key = None  # a tag that can't be read, which the worker refuses in its own words
        result = asyncio.get_running_loop().create_future()
        waiting = Waiting(request, arrival, key, result)
        insort(self._waiting, waiting, key=lambda one: one.arrival)
        return waiting

    def take(self) -> list[Waiting]:
        """The oldest job and those that can be with it, in their order; none where none waits."""
        if not self._waiting:
            return []
        leader = self._waiting[0]
        group, room = [leader], self._limit - leader.request.batch_size
        for other in self._waiting[1:]:
            if leader.key is not None and other.key == leader.key:
                if other.request.batch_size > room:
                    continue
                group.append(other)
                room -= other.request.batch_size
        self._waiting = [waiting for waiting in self._waiting if waiting not in group]
        return group

    def refuse(self, error: Exception) -> None:
        """Send everybody away."""
        for waiting in self._waiting:
            if not waiting.result.done():
                waiting.result.set_exception(error)
        self._waiting.clear()
