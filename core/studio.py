"""Wires the service layer together: the one object that pages talk to."""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from core.aws.client import Aws, Connection
from core.aws.end_notifications import EndNotifications
from core.aws.storage import Storage
from core.aws.urls import ImageUrls, TokenSigner
from core.endpoints.capacity.instance_choice import InstanceChoice
from core.endpoints.capacity.quotas import AccountQuotas
from core.endpoints.costs.service import Costs, CostsParts
from core.endpoints.lifecycle.container_log import ContainerLog
from core.endpoints.lifecycle.deletion import EndpointDeletion
from core.endpoints.lifecycle.metric_history import MetricHistories
from core.endpoints.lifecycle.orphans import Orphans
from core.endpoints.lifecycle.update import EndpointUpdate
from core.endpoints.model_caches.caches import ModelCaches
from core.endpoints.model_caches.service import EndpointRouter
from core.endpoints.periodic_worker import PeriodicWorker
from core.endpoints.real_time.orders import EndpointOrders
from core.endpoints.real_time.service import RealTimeLimits
from core.endpoints.scaling.reconciler import ScalingReconciler
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.ids import Clock, new_id
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
from core.jobs.preflight import Preflight
from core.jobs.records import Job
from core.jobs.requests import random_seed
from core.jobs.scoring import PoseScoring, ScoringQueue
from core.jobs.sending.claims import Claims
from core.jobs.sending.dispatcher import JobDispatcher
from core.jobs.sending.holds import QueueHolds
from core.jobs.sending.limits import SendLimits
from core.jobs.sending.sender import Sender
from core.jobs.sending.service import JobLine
from core.jobs.service import Jobs
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.dynamodb import DynamoJobStore
from core.jobs.store.interface import JobStore
from core.jobs.store.owned_jobs import OwnedJobs
from core.jobs.store.sqlite import SqliteJobStore
from core.jobs.submission import Submission
from core.jobs.usage import JobUsageReporter
from core.models.service import ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.models.uploads.resumable_transfer import Uploader
from core.models.uploads.roots import UploadRoots
from core.poses.service import PoseLibrary
from core.records.dynamodb import DynamoRecordStore
from core.records.form_copies import FormCopies
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.settings import Settings
from core.setup.service import Setup
from core.team.access import Access, allow_all
from core.team.administration.belongings import Belonging, Belongings, BelongingsMoves
from core.team.administration.drafts import DRAFTS, Drafts
from core.team.administration.service import Administration
from core.team.administration.successors import Successors
from core.team.announcements import Announcements
from core.team.api_keys import ApiKeys
from core.team.audit.log import AuditLog
from core.team.audit.trail import AuditRetention, AuditTrail
from core.team.people import People
from core.team.permissions import is_allowed
from core.team.policy import Policies
from core.team.quotas.service import InUse, Quotas
from core.team.sharing import Colleagues, Sharing
from core.team.users import SHARED, SYSTEM, User

_LIFECYCLE_SECONDS: Final = 15.0
"""Between two tries of what AWS did not let be done with an endpoint."""

_MOVES_SECONDS: Final = 10.0
"""Between two looks at who is to be removed."""

_COSTS_SECONDS: Final = 60.0
_COSTS_AGAIN_SECONDS: Final = 5.0
"""After a look that failed: at a first start the tables are yet to be created."""

_AUDIT_SECONDS: Final = 3600.0
"""Between two looks for entries of the audit that are too old."""


def utc_now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Base:
    """What every part of the service layer stands on."""

    settings: Settings
    aws: Aws
    storage: Storage
    """Asked by the workers, which have time."""
    page_storage: Storage
    access: Access
    clock: Clock
    records: RecordStore
    audit: AuditLog

    @property
    def sharing(self) -> Sharing:
        """With whom private items are shared."""
        return Sharing(self.records, self.clock)

    def authorized(self, store: JobStore) -> AuthorizedJobs:
        """A job list behind the permission check."""
        return AuthorizedJobs(store, self.sharing, self.access)


@dataclass(frozen=True)
class _JobWorkers:
    """The background workers of the jobs of one store."""

    store: JobStore
    page_store: JobStore
    """The same records, for pages: a table on AWS may be silent, and they wait for seconds only."""
    sender: Sender
    dispatcher: JobDispatcher
    follower: Follower
    receiver: EndReceiver
    scoring: ScoringQueue
    usage: JobUsageReporter

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
        self.page_store.close()
        self.store.close()


@dataclass(frozen=True)
class Studio:
    """The service layer as pages see it."""

    settings: Settings
    access: Access
    audit: AuditLog
    """Takes what somebody did; `audit_trail` reads it."""
    audit_trail: AuditTrail
    people: People
    colleagues: Colleagues
    announcements: Announcements
    policy: Policies
    administration: Administration
    moves: BelongingsMoves
    api_keys: ApiKeys
    quotas: Quotas
    storage: Storage
    setup: Setup
    models: ModelLibrary
    uploads: UploadQueue
    endpoints: Endpoints
    orders: EndpointOrders
    caches: ModelCaches
    costs: Costs
    records: RecordStore
    form_copies: FormCopies | None
    """None on the embedded AWS, where one dashboard's own disk is all there is."""
    scaling: EndpointScaling
    instance_choice: InstanceChoice
    container_log: ContainerLog
    metric_histories: MetricHistories
    deletion: EndpointDeletion
    orphans: Orphans
    updates: EndpointUpdate
    jobs: Jobs
    line: JobLine
    poses: PoseLibrary
    scores: PoseScoring
    tokens: TokenSigner
    """Signs and checks the addresses of the app's own routes."""
    _workers: _JobWorkers
    _costs_worker: PeriodicWorker
    _scaling_worker: ScalingReconciler
    _lifecycle_worker: PeriodicWorker
    _moves_worker: PeriodicWorker
    _audit_worker: PeriodicWorker

    def urls(self, user: User) -> ImageUrls:
        """The addresses of images, which are good for this user alone."""
        return ImageUrls(self.tokens, user.name)

    def close(self) -> None:
        """Stop the work in the background; called when the dashboard ends."""
        self.uploads.close()
        if self.form_copies:
            self.form_copies.close()
        self._costs_worker.close()
        self._scaling_worker.close()
        self._lifecycle_worker.close()
        self._moves_worker.close()
        self._audit_worker.close()
        self._workers.close()
        self.audit.close()
        self.records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_studio(settings: Settings, connection: Connection, clock: Clock = utc_now) -> Studio:
    """Build everything and begin to follow open jobs. Raises AwsError where AWS can't be used."""
    aws = Aws(connection, settings.encryption_key)
    storage = Storage(aws, settings.bucket)
    page_storage = Storage(aws, settings.bucket, for_pages=True)
    records = _records(settings, aws)
    audit = AuditLog(records, clock)
    access = Access(is_allowed if settings.has_identity else allow_all, audit.record)
    setup = Setup(aws, page_storage, settings, access)
    if settings.embedded and not storage.exists():
        setup.create_bucket()
    base = _Base(
        settings,
        aws,
        storage,
        page_storage,
        access,
        clock,
        records,
        audit,
    )
    studio = _build(base, setup)
    audit.start()
    studio._workers.start()
    studio._costs_worker.start()
    studio._scaling_worker.start()
    studio._lifecycle_worker.start()
    if studio.form_copies:
        studio.form_copies.start()
    studio._moves_worker.start()
    studio._audit_worker.start()
    return studio


def _build(base: _Base, setup: Setup) -> Studio:
    storage, access, clock = base.page_storage, base.access, base.clock
    announcements = Announcements(base.records, access, clock)
    access.maintenance = announcements.maintenance
    successors = Successors(base.records, clock)
    models = ModelLibrary(storage, access, clock, successors.owner_now)
    endpoints = Endpoints(base.aws, storage, base.settings, access, clock)
    scaling = EndpointScaling(base.aws, endpoints, base.settings, access, clock)
    orders = EndpointOrders(endpoints, scaling, base.records, access, clock)
    costs = _costs(base, endpoints, orders, scaling)
    real_time = RealTimeLimits(base.records, base.settings)
    uploads = UploadQueue(
        Uploader(base.aws, base.storage),
        models,
        access,
        new_id,
        UploadRoots(base.settings.upload_folders),
    )
    quotas = Quotas(
        base.records,
        base.settings,
        access,
        clock,
        InUse(
            open_jobs=lambda name: sum(j.owner == name for j in workers.follower.open_jobs()),
            model_bytes=lambda name: models.bytes_of(name) + uploads.active_bytes(name),
            endpoints=lambda name: sum(e.owner == name for e in endpoints.all()),
            dollars=costs.spent_by,
        ),
    )
    endpoints.check_quota = quotas.check_endpoint
    uploads.check_quota = quotas.check_upload
    workers = _workers(base, endpoints, costs, real_time, quotas)
    caches = ModelCaches(storage, clock)
    router = EndpointRouter(endpoints, costs, real_time, caches)
    policy = Policies(base.records, access, clock)
    preflight = Preflight(models, router, new_id, random_seed, policy.check)
    deletion = EndpointDeletion(endpoints, base.records, access, clock)
    updates = EndpointUpdate(base.settings, endpoints, scaling, base.records, access, clock)
    account_quotas = AccountQuotas(base.aws, base.settings, clock)
    router.open_jobs = lambda: Counter(job.endpoint for job in workers.follower.open_jobs())
    people = People(base.records, base.settings, clock)
    administration = Administration(base.records, people, access, clock)
    api_keys = ApiKeys(base.records, people, access, clock)
    container_log = ContainerLog(base.aws, endpoints)
    submission = Submission(
        workers.page_store, preflight, workers.dispatcher, workers.follower, clock, quotas
    )
    submission.visibility = lambda: policy.of().job_visibility
    jobs = _jobs(base, workers, submission, container_log)
    poses = PoseLibrary(storage, access, base.sharing, clock, new_id)
    form_copies = _form_copies(base)
    drafts = Drafts(base.settings.data / DRAFTS, form_copies)
    belongings = (
        Belongings(Belonging.API_KEYS, api_keys.count, api_keys.remove_all),
        _owned_jobs(workers.page_store, jobs),
        Belongings(Belonging.POSES, poses.count_of, poses.remove_all, poses.hand_over),
        _owned_models(models, successors),
        Belongings(Belonging.DRAFTS, drafts.count, drafts.remove_all),
    )
    moves = BelongingsMoves(base.records, people, administration, belongings, access, clock)
    tokens = TokenSigner(base.settings.signing_keys or (secrets.token_bytes(32),), clock)
    return Studio(
        settings=base.settings,
        access=access,
        audit=base.audit,
        audit_trail=AuditTrail(base.records, access),
        announcements=announcements,
        people=people,
        colleagues=Colleagues(base.records, clock),
        policy=policy,
        administration=administration,
        moves=moves,
        api_keys=api_keys,
        quotas=quotas,
        storage=storage,
        setup=setup,
        models=models,
        uploads=uploads,
        endpoints=endpoints,
        orders=orders,
        caches=caches,
        costs=costs,
        records=base.records,
        form_copies=form_copies,
        jobs=jobs,
        line=_line(base, workers, jobs),
        scaling=scaling,
        instance_choice=InstanceChoice(account_quotas, base.settings, costs.price),
        container_log=container_log,
        metric_histories=MetricHistories(base.aws, endpoints, clock),
        deletion=deletion,
        updates=updates,
        orphans=Orphans(base.aws, endpoints, access, clock),
        poses=poses,
        scores=PoseScoring(storage, base.authorized(workers.page_store)),
        tokens=tokens,
        _workers=workers,
        _costs_worker=_costs_worker(costs, workers.follower),
        _scaling_worker=ScalingReconciler(scaling),
        _lifecycle_worker=PeriodicWorker(
            "lifecycle",
            deletion.look,
            updates.look,
            account_quotas.load,
            seconds=_LIFECYCLE_SECONDS,
        ),
        _moves_worker=PeriodicWorker("moves", moves.look, seconds=_MOVES_SECONDS),
        _audit_worker=PeriodicWorker(
            "audit-retention",
            AuditRetention(base.records, clock, base.settings.audit_days).sweep,
            seconds=_AUDIT_SECONDS,
        ),
    )


def _owned_jobs(store: JobStore, jobs: Jobs) -> Belongings:
    owned = OwnedJobs(
        store,
        cancel=lambda job_id: jobs.cancel(SYSTEM, job_id),
        delete=lambda job_id: jobs.delete(SYSTEM, job_id),
    )
    return Belongings(Belonging.JOBS, owned.count, owned.remove, owned.hand_over)


def _owned_models(models: ModelLibrary, successors: Successors) -> Belongings:
    """Model files stay, as others work with them: those of who is removed become the team's."""
    return Belongings(
        Belonging.MODELS,
        models.count_of,
        lambda name: successors.hand_over(name, SHARED),
        successors.hand_over,
    )


def _costs(
    base: _Base, endpoints: Endpoints, orders: EndpointOrders, scaling: EndpointScaling
) -> Costs:
    return Costs(
        CostsParts(
            aws=base.aws,
            records=base.records,
            endpoints=endpoints,
            settings=base.settings,
            access=base.access,
            clock=base.clock,
            new_id=new_id,
            stop=orders.stop,
            hold=orders.hold,
            release=scaling.budget.release,
            end=endpoints.delete,
        )
    )


def _costs_worker(costs: Costs, follower: Follower) -> PeriodicWorker:
    return PeriodicWorker(
        "costs",
        lambda: costs.look({job.endpoint for job in follower.open_jobs()}),
        seconds=_COSTS_SECONDS,
        failed_seconds=_COSTS_AGAIN_SECONDS,
    )


def _workers(
    base: _Base, endpoints: Endpoints, costs: Costs, real_time: RealTimeLimits, quotas: Quotas
) -> _JobWorkers:
    settings, storage, clock = base.settings, base.storage, base.clock
    store = _store(base)
    scoring = ScoringQueue(PoseScoring(storage, base.authorized(store)))
    usage = JobUsageReporter(storage, costs, real_time, quotas)

    def on_end(job: Job) -> None:
        scoring(job)
        usage(job)

    follower, receiver = _follower(base, store, endpoints, on_end)
    claims = Claims(store, clock, new_id(), follower.watch)
    sender = Sender(base.aws, storage, claims, settings.request_ttl_seconds)
    sender.tells_of = receiver.tells_of
    sender.on_answer = receiver.end
    claims.on_end = usage.settle
    limits = SendLimits(lambda name: endpoints.send_limit(endpoints.look_up(name)), clock)
    holds = QueueHolds(base.records, clock, base.access.maintenance)
    dispatcher = JobDispatcher(follower, sender, claims, holds, limits, clock)
    follower.on_poll = dispatcher.poll
    return _JobWorkers(
        store=store,
        page_store=store if settings.embedded else _dynamo_store(base, for_pages=True),
        sender=sender,
        dispatcher=dispatcher,
        follower=follower,
        receiver=receiver,
        scoring=scoring,
        usage=usage,
    )


def _follower(
    base: _Base, store: JobStore, endpoints: Endpoints, on_end: OnEnd
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


def _jobs(base: _Base, workers: _JobWorkers, submission: Submission, log: ContainerLog) -> Jobs:
    store, follower = workers.page_store, workers.follower
    jobs = Jobs(
        base.authorized(store),
        base.page_storage,
        submission,
        follower,
        base.clock,
        log.lines_of_job,
    )
    jobs.on_end = workers.usage.settle
    return jobs


def _form_copies(base: _Base) -> FormCopies | None:
    if base.settings.embedded:
        return None
    return FormCopies(base.records, base.page_storage, base.clock)


def _line(base: _Base, workers: _JobWorkers, jobs: Jobs) -> JobLine:
    return JobLine(
        base.authorized(workers.page_store),
        workers.follower,
        workers.dispatcher,
        base.access,
        jobs.cancel,
        base.clock,
    )


def _records(settings: Settings, aws: Aws) -> RecordStore:
    if settings.embedded:
        return SqliteRecordStore(settings.data / "records.sqlite")
    return DynamoRecordStore(aws, settings.records_table, for_pages=True)


def _store(base: _Base) -> JobStore:
    if base.settings.embedded:
        return SqliteJobStore(base.settings.data / "jobs.sqlite")
    return _dynamo_store(base, for_pages=False)


def _dynamo_store(base: _Base, *, for_pages: bool) -> JobStore:
    return DynamoJobStore(base.aws, base.settings.table, for_pages=for_pages)
