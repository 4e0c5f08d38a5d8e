"""Submits jobs: checked, recorded, then sent in their turn; one click has one effect."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from core.errors import AwsError, Conflict
from core.ids import Clock, created_at
from core.jobs.draft import Draft
from core.jobs.following.follower import Follower
from core.jobs.preflight import Preflight
from core.jobs.records import PROMPT_IN_LIST, Job
from core.jobs.requests import Prepared
from core.jobs.sending.dispatcher import JobDispatcher
from core.jobs.store.interface import JobStore
from core.team.permissions import Visibility
from core.team.quotas.service import Quotas
from core.team.users import Role, User
from core.texts import jobs as texts
from formats.generation.request import GenerationRequest

log = logging.getLogger(__name__)

_CLICKS_KEPT: Final = 1000


class Submission:
    """Makes jobs of drafts. A `click` names what one press of a button asked for."""

    def __init__(
        self,
        store: JobStore,
        preflight: Preflight,
        dispatcher: JobDispatcher,
        follower: Follower,
        clock: Clock,
        quotas: Quotas,
    ) -> None:
        self._store = store
        self._preflight = preflight
        self._dispatcher = dispatcher
        self._follower = follower
        self._clock = clock
        self._quotas = quotas
        self._idempotency = IdempotencyCache()
        self.visibility: Callable[[], Visibility] = lambda: Visibility.PRIVATE
        """Who may see a new job, as the team has it."""

    def submit(self, user: User, draft: Draft, click: str) -> tuple[Job, ...]:
        """A job for each checkpoint of the draft. Raises InvalidDraft, EndpointNotReady or
        QuotaExceeded."""
        return self._idempotency.once(
            (user.name, click),
            lambda: self._begin(user, self._preflight.run(user, draft)),
        )

    def again(self, user: User, request: GenerationRequest, endpoint: str, click: str) -> Job:
        """The same request as a new job. Raises what `submit` raises."""
        jobs = self._idempotency.once(
            (user.name, click),
            lambda: self._begin(user, self._preflight.run_again(user, request, endpoint)),
        )
        return jobs[0]

    def _begin(self, user: User, prepared: Prepared) -> tuple[Job, ...]:
        jobs = tuple(self._record(user, prepared, request) for request in prepared.requests)
        begun: list[Job] = []
        try:
            self._quotas.reserve_jobs(user, prepared.requests)
            for job, request in zip(jobs, prepared.requests, strict=True):
                self._begin_one(prepared, job, request)
                begun.append(job)
        except (AwsError, Conflict):
            self._give_back(jobs[len(begun) :])
            raise
        return jobs

    def _begin_one(self, prepared: Prepared, job: Job, request: GenerationRequest) -> None:
        if not self._store.add(job):
            raise Conflict(texts.id_is_taken(job.id))
        self._follower.watch(job)
        self._dispatcher.submit(job, request, prepared.images, prepared.send_limit)

    def _give_back(self, jobs: Sequence[Job]) -> None:
        """What these took of their owner's quotas: they were not made."""
        try:
            for job in jobs:
                self._quotas.settle_job(job.owner, job.id, has_run=False)
        except (AwsError, Conflict) as error:  # why the jobs were not made says more
            log.warning("event=quota_not_settled error=%s", error)

    def _record(self, user: User, prepared: Prepared, request: GenerationRequest) -> Job:
        return Job(
            id=request.id,
            owner=request.owner,
            visibility=self.visibility(),
            endpoint=prepared.endpoint,
            bucket=self._dispatcher.bucket,
            instance_type=prepared.instance_type,
            routed_because=prepared.routed_because,
            created_at=created_at(request.id),
            updated_at=self._clock(),
            mode=request.mode,
            checkpoint=request.checkpoint or "",
            prompt=request.prompt[:PROMPT_IN_LIST],
            units=len(request.controlnets),
            steps=request.steps,
            has_priority=user.role is Role.ADMIN,
        )


@dataclass
class _Entry:
    """One click: the first thread that comes acts, the others wait and get the same jobs."""

    lock: Lock = field(default_factory=Lock)
    jobs: tuple[Job, ...] | None = None


class IdempotencyCache:
    """Remembers what each click made. A session stays with one process, so that its memory is
    enough: after a reload the page has a new click to give."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def once(self, key: Hashable, act: Callable[[], tuple[Job, ...]]) -> tuple[Job, ...]:
        """Act on the first call; after an error, when nothing was made, on the next one too."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            while len(self._entries) > _CLICKS_KEPT:
                self._entries.popitem(last=False)
        with entry.lock:
            if entry.jobs is None:
                entry.jobs = act()
            return entry.jobs
