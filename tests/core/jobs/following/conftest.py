"""Dashboards whose seconds are virtual; nothing runs by itself."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from core.endpoints.service import Endpoint, EndpointStatus, SendLimit
from core.ids import new_id
from core.jobs.following.follower import Follower
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.late_results import LateResults
from core.jobs.following.lease import FollowerLease
from core.jobs.following.live_progress import LiveProgress
from core.jobs.following.reaper import Reaper
from core.jobs.following.reconciler import Reconciler
from core.jobs.following.schedule import Schedule
from core.jobs.following.sweep import Sweep
from core.jobs.records import Job, JobState
from core.jobs.sending.claims import Claims
from core.jobs.sending.dispatcher import JobDispatcher
from core.jobs.sending.holds import QueueHolds
from core.jobs.sending.limits import SendLimits
from core.jobs.sending.sender import Sender
from core.records.dynamodb import DynamoRecordStore
from core.settings import Settings
from formats.generation.progress import Heartbeat, Progress, Stage
from formats.keys import HEARTBEATS, heartbeat_key
from tests.core.jobs.conftest import Workshop

PREVIEW = b"RIFF\x00\xff"


def progress(shop: Workshop, job: Job, step: int) -> Progress:
    made = Progress(id=job.id, stage=Stage.DRAWING, step=step, steps=20, at=shop.now)
    return made.model_copy(update={"preview": PREVIEW})


def beat(shop: Workshop, *jobs: Job, step: int = 1, instance: str = "i-1") -> None:
    """What an instance writes while it runs these jobs; it removes it once there are none."""
    key = heartbeat_key(instance)
    if not jobs:
        shop.aws.s3.delete_object(Bucket=shop.storage.bucket, Key=key)
        return
    heartbeat = Heartbeat(jobs=tuple(progress(shop, job, step) for job in jobs))
    shop.storage.write(key, heartbeat.model_dump_json().encode(), "application/json")


@dataclass
class Dashboard:
    """What one dashboard follows with; `tells_of` says whose ends come as messages."""

    shop: Workshop
    tells_of: Callable[[str], bool] = lambda _endpoint: True
    calls: Counter[str] = field(default_factory=Counter)
    """The calls of the turns, by operation."""

    def __post_init__(self) -> None:
        shop, clock = self.shop, self.shop.clock
        endpoint = Endpoint(
            name="team",
            status=EndpointStatus.IN_SERVICE,
            instance_type="ml.g5.xlarge",
            instances=1,
            desired=1,
            created_at=shop.now,
            changed_at=shop.now,
        )
        heartbeats = Heartbeats(shop.storage, clock)
        late = LateResults(shop.store, shop.storage, clock, shop.ended.append)
        reaper = Reaper(Settings(), lambda _name: endpoint)
        self.reconciler = Reconciler(shop.store, shop.storage, clock, reaper, heartbeats, late)
        schedule = Schedule.of(Settings(), self.tells_of)
        self.lease = FollowerLease(shop.store, clock, new_id)
        self.follower = Follower(
            shop.store,
            Sweep(shop.storage, self.reconciler, heartbeats, late),
            LiveProgress(heartbeats, self.reconciler, schedule, clock),
            self.lease,
            schedule,
            clock,
        )

    def poll(self) -> None:
        """One turn of the follower's thread, its calls counted."""
        events = [self.shop.aws.s3.meta.events, self.shop.store._db.meta.events]
        name = f"count-{id(self)}"

        def count(model: object, **_: object) -> None:
            self.calls[getattr(model, "name", "")] += 1

        for each in events:
            each.register("before-call", count, name)
        self.follower.poll_once()
        for each in events:
            each.unregister("before-call", unique_id=name)

    def close(self) -> None:
        self.follower.close()


def dispatcher(
    shop: Workshop, follower: Follower, limit: SendLimit
) -> tuple[Sender, JobDispatcher]:
    """What hands jobs on from a dashboard's line to an endpoint with such a limit."""
    claims = Claims(shop.store, shop.clock, new_id(), follower.watch)
    sender = Sender(shop.aws, shop.storage, claims, 3600)
    holds = QueueHolds(DynamoRecordStore(shop.aws, "records"), shop.clock, str)
    limits = SendLimits(lambda _name: limit, shop.clock)
    made = JobDispatcher(follower, sender, claims, holds, limits, shop.clock)
    follower.on_poll = made.poll
    return sender, made


@pytest.fixture
def dashboards(workshop: Workshop) -> Iterator[Callable[..., Dashboard]]:
    """Opens dashboards of one team; nothing of another test is open."""
    workshop.storage.delete_prefix(HEARTBEATS)
    for job in workshop.store.open_jobs():
        workshop.store.update(job.id, {job.state}, {"state": JobState.SUCCEEDED})
    workshop.store.swap_lease(workshop.store.lease(), "")
    opened: list[Dashboard] = []

    def open_dashboard(*, tells: bool = True) -> Dashboard:
        opened.append(Dashboard(workshop, lambda _endpoint: tells))
        return opened[-1]

    yield open_dashboard
    for each in opened:
        each.close()


def seconds(shop: Workshop, count: int, *boards: Dashboard, poll: bool = True) -> Iterator[int]:
    """So many seconds, in each of which the dashboards take one turn."""
    for second in range(count):
        yield second
        for board in boards if poll else ():
            board.poll()
        shop.now += timedelta(seconds=1)
