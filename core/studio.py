"""Wires the service layer together: the one object that pages talk to."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from core.access import Access, OpenPolicy
from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.aws.urls import PictureUrls, PresignedSigner, TokenSigner
from core.endpoints.service import Endpoints
from core.ids import Clock, new_id
from core.jobs.poller import Poller
from core.jobs.preflight import Preflight
from core.jobs.reaper import Reaper
from core.jobs.reconciler import Reconciler
from core.jobs.requests import random_seed
from core.jobs.scoring import PoseScoring, ScoringQueue
from core.jobs.sender import Sender
from core.jobs.service import Jobs
from core.jobs.store.dynamodb import DynamoJobStore
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from core.jobs.submission import Submission
from core.models.service import ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.models.uploads.transfer import Uploader
from core.poses.service import PoseLibrary
from core.settings import Settings
from core.setup import Setup


def utc_now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Studio:
    """The service layer as pages see it."""

    settings: Settings
    storage: Storage
    setup: Setup
    models: ModelLibrary
    uploads: UploadQueue
    endpoints: Endpoints
    jobs: Jobs
    poses: PoseLibrary
    scores: PoseScoring
    urls: PictureUrls
    tokens: TokenSigner
    """Signs and checks the addresses of the app's own routes."""
    _store: JobStore
    _poller: Poller
    _sender: Sender
    _scoring: ScoringQueue

    def close(self) -> None:
        """Stop the work in the background; called when the dashboard ends."""
        self.uploads.close()
        self._sender.close()
        self._poller.close()
        self._scoring.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_studio(settings: Settings, connection: Connection, clock: Clock = utc_now) -> Studio:
    """Build everything and begin to follow open jobs. Raises AwsError where AWS can't be used."""
    aws = Aws(connection)
    storage = Storage(aws, settings.bucket)
    access = Access(OpenPolicy())
    models = ModelLibrary(storage, access)
    endpoints = Endpoints(aws, storage, settings, access, clock)
    store = _store(settings, aws)
    setup = Setup(aws, storage, settings)
    if settings.embedded and not storage.exists():
        setup.create_bucket()
    scores = PoseScoring(storage, store, access)
    scoring = ScoringQueue(scores)
    reaper = Reaper(settings, endpoints.look_up)
    reconciler = Reconciler(store, storage, clock, reaper, scoring)
    poller = Poller(store, reconciler, settings.poll_seconds)
    sender = Sender(aws, storage, store, clock, settings.request_ttl_seconds)
    preflight = Preflight(models, endpoints, new_id, random_seed)
    submission = Submission(store, preflight, sender, poller, clock)
    tokens = TokenSigner(_secret(settings), clock)
    studio = Studio(
        settings=settings,
        storage=storage,
        setup=setup,
        models=models,
        uploads=UploadQueue(Uploader(aws, storage), models, access, new_id),
        endpoints=endpoints,
        jobs=Jobs(store, storage, submission, poller, access, clock),
        poses=PoseLibrary(storage, access, clock, new_id),
        scores=scores,
        urls=PictureUrls(tokens if settings.embedded else PresignedSigner(storage, clock)),
        tokens=tokens,
        _store=store,
        _poller=poller,
        _sender=sender,
        _scoring=scoring,
    )
    poller.start()
    return studio


def _store(settings: Settings, aws: Aws) -> JobStore:
    if settings.embedded:
        return SqliteJobStore(settings.data / "jobs.sqlite")
    return DynamoJobStore(aws, settings.table)


def _secret(settings: Settings) -> bytes:
    return settings.secret.get_secret_value().encode() or secrets.token_bytes(32)
