"""Submits jobs: checked, recorded, then sent in their turn; one click has one effect."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Generic, TypeVar

from core.errors import AwsError, Conflict
from core.ids import Clock, created_at
from core.jobs.following.follower import Follower
from core.jobs.preparing.draft import Draft
from core.jobs.preparing.preflight import Preflight
from core.jobs.preparing.requests import Prepared
from core.jobs.records import NEGATIVE_PROMPT, PROMPT_IN_LIST, PROMPT_REST, Job
from core.jobs.sending.dispatcher import JobDispatcher
from core.jobs.store.interface import MAX_BATCH, JobStore
from core.team.permissions import Visibility
from core.team.quotas.service import Quotas
from core.team.users import Role, User
from core.texts.jobs import jobs as texts
from formats.generation.named_files import named_loras
from formats.generation.request import GenerationRequest

log = logging.getLogger(__name__)

_CLICKS_KEPT: Final = 1000

T = TypeVar("T")


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
        self._idempotency = IdempotencyCache[tuple[Job, ...]]()
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

    def submit_prepared(self, user: User, prepared: Sequence[Prepared]) -> None:
        """Jobs of requests that were checked, whose images lie in S3, all or none reserved at once.

        An id that is a job's already is this very job, which is not made twice. Raises
        QuotaExceeded before the first one is made; AwsError, after which some may be made.
        """
        asked = [(each, request) for each in prepared for request in each.requests]
        kept = self._kept([request.id for _, request in asked])
        for each, request in asked:
            job = kept.get(request.id)
            if job and job.is_unstored:
                self._dispatcher.submit(job, request, each.images, each.send_limit)
        self._begin_all(user, [each for each in asked if each[1].id not in kept], may_exist=True)

    def _kept(self, ids: Sequence[str]) -> dict[str, Job]:
        batches = (ids[first : first + MAX_BATCH] for first in range(0, len(ids), MAX_BATCH))
        return {job.id: job for batch in batches for job in self._store.get_many(batch)}

    def _begin(self, user: User, prepared: Prepared) -> tuple[Job, ...]:
        return self._begin_all(user, [(prepared, request) for request in prepared.requests])

    def _begin_all(
        self,
        user: User,
        asked: Sequence[tuple[Prepared, GenerationRequest]],
        *,
        may_exist: bool = False,
    ) -> tuple[Job, ...]:
        jobs = tuple(self._record(user, each, request) for each, request in asked)
        begun = 0
        try:
            self._quotas.reserve_jobs(user, [request for _, request in asked])
            for job, (each, request) in zip(jobs, asked, strict=True):
                self._begin_one(each, job, request, may_exist=may_exist)
                begun += 1
        except (AwsError, Conflict):
            self._give_back(jobs[begun:])
            raise
        return jobs

    def _begin_one(
        self, prepared: Prepared, job: Job, request: GenerationRequest, *, may_exist: bool
    ) -> None:
        if not self._store.add(job):
            if may_exist:  # another dashboard was faster
                return
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
            styles=request.styles,
            prompt_rest=request.prompt[PROMPT_IN_LIST:][:PROMPT_REST],
            negative_prompt=request.negative_prompt[:NEGATIVE_PROMPT],
            loras=named_loras(request),
            units=len(request.controlnets),
            steps=request.steps,
            has_priority=user.role is Role.ADMIN,
        )


@dataclass
class _Entry(Generic[T]):
    """One click: the first thread that comes acts, the others wait and get what it made."""

    lock: Lock = field(default_factory=Lock)
    made: T | None = None


class IdempotencyCache(Generic[T]):
    """Remembers what each click made. A session stays with one process, so that its memory is
    enough: after a reload the page has a new click to give."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()

    def once(self, key: Hashable, act: Callable[[], T]) -> T:
        """Act on the first call; after an error, when nothing was made, on the next one too."""
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            while len(self._entries) > _CLICKS_KEPT:
                self._entries.popitem(last=False)
        with entry.lock:
            if entry.made is None:
                entry.made = act()
            return entry.made
