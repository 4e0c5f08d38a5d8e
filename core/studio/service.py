"""The one object that pages talk to, with every service in it."""

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Self

from core.aws.client import Connection
from core.aws.storage import Storage
from core.aws.urls import ImageUrls, TokenSigner
from core.endpoints.capacity.instance_choice import InstanceChoice
from core.endpoints.costs.service import Costs
from core.endpoints.lifecycle.container_log import ContainerLog
from core.endpoints.lifecycle.deletion import EndpointDeletion
from core.endpoints.lifecycle.metric_history import MetricHistories
from core.endpoints.lifecycle.orphans import Orphans
from core.endpoints.lifecycle.update import EndpointUpdate
from core.endpoints.model_caches.caches import ModelCaches
from core.endpoints.real_time.orders import EndpointOrders
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.ids import Clock, new_id, utc_now
from core.jobs.bulk.archives import JobArchives
from core.jobs.bulk.service import BulkJobs
from core.jobs.detail.scoring import PoseScoring
from core.jobs.grids.service import Grids
from core.jobs.grids.storage import GridStorage
from core.jobs.preparing.estimate import JobEstimates
from core.jobs.preparing.preflight import Preflight
from core.jobs.preparing.requests import random_seed
from core.jobs.public_links.service import PublicLinks
from core.jobs.search.collections import JobCollections
from core.jobs.search.favourites import JobFavourites
from core.jobs.search.service import JobSearch
from core.jobs.sending.service import JobLine
from core.jobs.service import Jobs
from core.jobs.trash.service import JobTrash
from core.models.remote.opening import open_remote_models
from core.models.remote.service import RemoteModels
from core.models.service import Favourites, ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.poses.service import PoseLibrary
from core.prompts.service import JobsOfStyles, Prompts
from core.prompts.tag_list import TagLists
from core.records.form_copies import FormCopies
from core.records.interface import RecordStore
from core.settings import Settings
from core.setup.service import Setup
from core.studio.base import Base, open_base
from core.studio.endpoint_parts import build_endpoint_parts
from core.studio.job_parts import (
    build_grids,
    build_jobs,
    build_line,
    build_model_uses,
    build_prompts,
    build_public_links,
    build_submission,
    build_trash,
    build_uploads,
)
from core.studio.job_workers import JobWorkers, build_job_workers
from core.studio.periodic_work import PeriodicWork, build_periodic_work
from core.studio.team_parts import Owned, build_moves, build_team_parts
from core.team.access import Access
from core.team.administration.belongings import BelongingsMoves
from core.team.administration.drafts import DRAFTS, Drafts
from core.team.administration.service import Administration
from core.team.announcements import Announcements
from core.team.api_keys import ApiKeys
from core.team.audit.log import AuditLog
from core.team.audit.trail import AuditTrail
from core.team.people import People
from core.team.policy import Policies
from core.team.quotas.service import InUse, Quotas
from core.team.sharing import Colleagues
from core.team.users import User


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
    remote_models: RemoteModels
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
    search: JobSearch
    """Of jobs."""
    job_favourites: JobFavourites
    collections: JobCollections
    job_trash: JobTrash
    bulk: BulkJobs
    archives: JobArchives
    grids: Grids
    public_links: PublicLinks
    estimates: JobEstimates
    line: JobLine
    poses: PoseLibrary
    prompts: Prompts
    tag_lists: TagLists
    scores: PoseScoring
    tokens: TokenSigner
    """Signs and checks the addresses of the app's own routes."""
    _workers: JobWorkers
    _periodic: PeriodicWork

    def urls(self, user: User) -> ImageUrls:
        """The addresses of images, which are good for this user alone."""
        return ImageUrls(self.tokens, user.name)

    def close(self) -> None:
        """Stop the work in the background; called when the dashboard ends."""
        self.uploads.close()
        self.remote_models.close()
        if self.form_copies:
            self.form_copies.close()
        self.search.stop()
        self._periodic.close()
        self._workers.close()
        self.audit.close()
        self.records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_studio(settings: Settings, connection: Connection, clock: Clock = utc_now) -> Studio:
    """Build everything and begin to follow open jobs. Raises AwsError where AWS can't be used."""
    base = open_base(settings, connection, clock)
    setup = Setup(base.aws, base.page_storage, settings, base.access)
    if settings.embedded and not base.storage.exists():
        setup.create_bucket()
    studio = _build(base, setup)
    base.audit.start()
    studio._workers.start()
    studio._periodic.start()
    studio.uploads.begin_work()
    if studio.form_copies:
        studio.form_copies.start()
    return studio


def _build(base: Base, setup: Setup) -> Studio:
    storage, access, clock = base.page_storage, base.access, base.clock
    team, parts = build_team_parts(base), build_endpoint_parts(base)
    models = ModelLibrary(storage, base.records, access, clock, team.successors.owner_now)
    remote_models = open_remote_models(base.settings, access, models)
    uploads = build_uploads(base, models, remote_models)
    quotas = Quotas(
        base.records,
        base.settings,
        access,
        clock,
        InUse(
            open_jobs=lambda name: sum(j.owner == name for j in workers.follower.open_jobs()),
            model_bytes=lambda name: models.bytes_of(name) + uploads.active_bytes(name),
            endpoints=lambda name: sum(e.owner == name for e in parts.endpoints.all()),
            dollars=parts.costs.spent_by,
        ),
    )
    parts.endpoints.check_quota = quotas.check_endpoint
    uploads.check_quota = quotas.check_upload
    prompts = build_prompts(base)
    workers = build_job_workers(base, parts, quotas, models, prompts.styles)
    parts.router.open_jobs = lambda: Counter(j.endpoint for j in workers.follower.open_jobs())
    preflight = Preflight(models, parts.router, new_id, random_seed, team.policy.check, prompts)
    submission = build_submission(base, workers, preflight, quotas, team.policy)
    jobs = build_jobs(base, workers, submission, parts.container_log)
    poses = PoseLibrary(storage, access, base.sharing, clock, new_id)
    form_copies = _form_copies(base)
    drafts = Drafts(base.settings.data / DRAFTS, form_copies)
    models.others = build_model_uses(base, workers, jobs, drafts)
    prompts.styles.others = JobsOfStyles(seen=jobs.seen, image=jobs.image)
    grids = GridStorage(base.records, storage)
    favourites = Favourites(base.records, clock)
    job_trash, authorized = build_trash(base, workers), base.authorized(workers.page_store)
    bulk = BulkJobs(jobs, job_trash, authorized)
    collections = JobCollections(base.records, authorized, access, clock, new_id)
    bulk.collections = collections
    stored = workers.page_store
    owned = Owned(
        stored, jobs, job_trash, grids, poses, prompts, models, uploads, favourites, drafts
    )
    moves = build_moves(base, team, owned)
    return Studio(
        settings=base.settings,
        access=access,
        audit=base.audit,
        audit_trail=team.audit_trail,
        announcements=team.announcements,
        people=team.people,
        colleagues=team.colleagues,
        policy=team.policy,
        administration=team.administration,
        moves=moves,
        api_keys=team.api_keys,
        quotas=quotas,
        storage=storage,
        setup=setup,
        models=models,
        uploads=uploads,
        remote_models=remote_models,
        endpoints=parts.endpoints,
        orders=parts.orders,
        caches=parts.caches,
        costs=parts.costs,
        records=base.records,
        form_copies=form_copies,
        jobs=jobs,
        search=workers.search,
        job_favourites=JobFavourites(authorized),
        collections=collections,
        job_trash=job_trash,
        bulk=bulk,
        archives=JobArchives(base.authorized(workers.page_store), storage, clock),
        estimates=JobEstimates(
            parts.endpoints,
            parts.real_time.known,
            parts.costs.per_hour,
            workers.follower.open_jobs,
        ),
        grids=build_grids(base, workers, jobs, submission, preflight, poses),
        public_links=build_public_links(base, workers, team),
        line=build_line(base, workers, jobs),
        scaling=parts.scaling,
        instance_choice=parts.instance_choice,
        container_log=parts.container_log,
        metric_histories=parts.metric_histories,
        deletion=parts.deletion,
        updates=parts.updates,
        orphans=parts.orphans,
        poses=poses,
        prompts=prompts,
        tag_lists=TagLists(base.records, storage, access, clock),
        scores=PoseScoring(storage, base.authorized(workers.page_store)),
        tokens=TokenSigner(base.settings.signing_keys or (secrets.token_bytes(32),), clock),
        _workers=workers,
        _periodic=build_periodic_work(base, parts, workers, moves, models, uploads),
    )


def _form_copies(base: Base) -> FormCopies | None:
    if base.settings.embedded:
        return None
    return FormCopies(base.records, base.page_storage, base.clock)
