"""Dashboards that hand on jobs of one line; their seconds are virtual."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from core.endpoints.service import SendLimit
from core.jobs.records import Job
from formats.generation.request import GenerationRequest
from tests.core.jobs.conftest import Workshop
from tests.core.jobs.following.conftest import Dashboard, dashboards, dispatcher
from tests.support.faulty_aws import Answer, Call
from tests.support.helpers import wait_for

__all__ = ["dashboards"]


@dataclass
class LineDashboard:
    """One dashboard of several that share records and bucket."""

    shop: Workshop
    board: Dashboard
    limit: SendLimit
    maintenance: list[str] = field(default_factory=list)
    """Why nothing begins; none where everything may."""

    def __post_init__(self) -> None:
        self.follower = self.board.follower
        self.sender, self.dispatcher = dispatcher(self.shop, self.follower, self.limit)
        self.dispatcher.holds.maintenance = lambda: "".join(self.maintenance)

    def submit(self, owner: str, **changes: object) -> Job:
        """A click here; what it needs is stored when this returns."""
        job = self.shop.job(owner=owner, **changes)
        self.follower.watch(job)
        request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
        self.dispatcher._arrive(job, request, [])
        self.settle()
        return job

    def poll(self) -> None:
        """One turn of the follower's thread, and what it began to send."""
        self.follower.poll_once()
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being sent."""
        turns = self.dispatcher._turns
        wait_for(lambda: None not in dict(turns._chosen).values(), every=0.01)

    def close(self) -> None:
        """Stop in order, as a rolling update does."""
        self.follower.close()
        self.dispatcher.close()
        self.sender.close()
        self.dispatcher.end_claims()


@dataclass
class Line:
    """The team's dashboards, and what was invoked, in order."""

    shop: Workshop
    open_board: Callable[[], Dashboard]
    invoked: list[str] = field(default_factory=list)
    opened: list[LineDashboard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop.account.faults["/async-invocations"] = self._count

    def _count(self, call: Call) -> Answer:
        self.invoked.append(call.inference_id)
        return call.forward()

    def dashboard(self, most: int = 2) -> LineDashboard:
        """Another dashboard; every endpoint is handed so many jobs at once."""
        self.opened.append(LineDashboard(self.shop, self.open_board(), SendLimit(jobs=most)))
        return self.opened[-1]

    def owners(self) -> str:
        """Whose jobs were invoked, in order."""
        found = [self.shop.store.get(job_id) for job_id in self.invoked]
        return "".join(job.owner for job in found if job)

    def end_oldest(self, *boards: LineDashboard) -> None:
        """The container ends what it runs, and the dashboards poll."""
        self.shop.now += timedelta(seconds=1)
        (job, *_) = [j for j in self.shop.store.open_jobs() if j.sent_at]
        self.shop.write_result(job)
        ended = boards[0].board.reconciler.end(job.id, "")
        assert ended
        boards[0].follower.watch(ended)
        for each in boards:
            each.poll()

    def count(self) -> Counter[str]:
        """How often each job was invoked."""
        return Counter(self.invoked)


@pytest.fixture
def line(workshop: Workshop, dashboards: Callable[[], Dashboard]) -> Iterator[Line]:
    made = Line(workshop, dashboards)
    holds = dispatcher(workshop, dashboards().follower, SendLimit(jobs=0))[1].holds
    for owner in holds.owners():
        holds.resume(owner)
    yield made
    workshop.account.faults.clear()
    for each in made.opened:
        each.close()
