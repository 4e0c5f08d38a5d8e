"""Builds what works on jobs in the background: sending, following, scoring, counting."""

from dataclasses import dataclass

from core.aws.end_notifications import EndNotifications
from core.endpoints.service import Endpoints
from core.ids import new_id
from core.jobs.detail.scoring import PoseScoring, ScoringQueue
from core.jobs.following.end_receiver import EndReceiver
from core.jobs.following.follower import Follower
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.late_results import LateResults, OnEnd
from core.jobs.following.lease import FollowerLease
from core.jobs.following.live_progress import LiveProgress
from core.jobs.following.reaper import Reaper
from core.jobs.following.reconciler import Reconciler
from core.jobs.following.schedule import Schedule
from core.jobs.following.sweep import Sweep
from core.jobs.records import Job
from core.jobs.search.index import JobIndex
from core.jobs.search.service import JobSearch
from core.jobs.search.sync import IndexSync
from core.jobs.sending.claims import Claims
from core.jobs.sending.dispatcher import JobDispatcher
from core.jobs.sending.holds import QueueHolds
from core.jobs.sending.limits import SendLimits
from core.jobs.sending.sender import Sender
from core.jobs.store.interface import JobStore
from core.jobs.usage import JobUsageReporter
from core.models.service import ModelLibrary
from core.prompts.service import StyleLibrary
from core.studio.base import Base
from core.studio.endpoint_parts import EndpointParts
from core.team.quotas.service import Quotas


@dataclass(frozen=True)
class JobWorkers:
    """The background workers of the jobs of one store."""

    store: JobStore
    page_store: JobStore
    """The same records, for pages."""
    sender: Sender
    dispatcher: JobDispatcher
    follower: Follower
    receiver: EndReceiver
    scoring: ScoringQueue
    usage: JobUsageReporter
    search: JobSearch
    """Its index is told of what these stores write."""

    def start(self) -> None:
        """Begin to follow open jobs."""
        self.follower.start()
        self.receiver.start(self.follower.watch)

    def close(self) -> None:
        """Let each finish its current job; the store closes last, as they write to it."""
        self.follower.close()
        self.dispatcher.close()
        self.sender.close()
        self.dispatcher.end_claims()
        self.receiver.close()
        self.scoring.close()
        self.usage.close()
        self.search.close()
        self.page_store.close()
        self.store.close()


def build_job_workers(
    base: Base,
    parts: EndpointParts,
    quotas: Quotas,
    models: ModelLibrary,
    styles: StyleLibrary,
) -> JobWorkers:
    """All of them, not started."""
    settings, storage, clock = base.settings, base.storage, base.clock
    store, endpoints = base.job_store(), parts.endpoints
    scoring = ScoringQueue(PoseScoring(storage, base.authorized(store)))
    usage = JobUsageReporter(storage, parts.costs, parts.real_time, quotas, models, styles)

    def on_end(job: Job) -> None:
        scoring(job)
        usage(job)

    follower, receiver = _follower(base, store, endpoints, on_end)
    claims = Claims(store, clock, new_id(), follower.watch)
    claims.on_end = usage.settle
    sender = Sender(base.aws, storage, claims, settings.request_ttl_seconds)
    sender.tells_of = receiver.tells_of
    sender.on_answer = receiver.end
    limits = SendLimits(lambda name: endpoints.send_limit(endpoints.look_up(name)), clock)
    holds = QueueHolds(base.records, clock, base.access.maintenance)
    dispatcher = JobDispatcher(follower, sender, claims, holds, limits, clock)
    follower.on_poll = dispatcher.poll
    page_store = base.page_job_store(store)
    return JobWorkers(
        store=store,
        page_store=page_store,
        sender=sender,
        dispatcher=dispatcher,
        follower=follower,
        receiver=receiver,
        scoring=scoring,
        usage=usage,
        search=_search(base, (page_store, store), follower),
    )


def _search(base: Base, stores: tuple[JobStore, JobStore], follower: Follower) -> JobSearch:
    """The search of the first store; both tell its index what they write."""
    settings = base.settings
    source = "embedded" if settings.embedded else f"{settings.region}/{settings.table}"
    index = JobIndex(settings.data / "job-index.sqlite", source)
    sync = IndexSync(stores[0], index, base.clock)
    for each in stores:
        each.on_write = sync.note
    return JobSearch(base.authorized(stores[0]), base.access, index, sync, follower.look)


def _follower(
    base: Base, store: JobStore, endpoints: Endpoints, on_end: OnEnd
) -> tuple[Follower, EndReceiver]:
    settings, storage, clock = base.settings, base.storage, base.clock
    heartbeats = Heartbeats(storage, clock)
    late_results = LateResults(store, storage, clock, on_end)
    reaper = Reaper(settings, endpoints.look_up)
    reconciler = Reconciler(store, storage, clock, reaper, heartbeats, late_results)
    notifications = EndNotifications(base.aws, settings)
    receiver = EndReceiver(notifications, reconciler)
    schedule = Schedule.of(settings, receiver.tells_of)
    follower = Follower(
        store,
        Sweep(storage, reconciler, heartbeats, late_results),
        LiveProgress(heartbeats, reconciler, schedule, clock),
        FollowerLease(store, clock, new_id),
        schedule,
        clock,
    )
    return follower, receiver
