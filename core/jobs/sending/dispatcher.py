"""Hands jobs on from the line to their endpoints, as far as there is room, in the line's order."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final

from core.endpoints.service import SendLimit
from core.ids import Clock
from core.images.files import InputImage
from core.jobs.following.follower import Follower
from core.jobs.records import Job
from core.jobs.sending.claims import Claims, StaleClaims
from core.jobs.sending.holds import QueueHolds
from core.jobs.sending.limits import SendLimits
from core.jobs.sending.line import LinePosition, positions
from core.jobs.sending.sender import Sender
from core.jobs.sending.turns import Turns
from formats.generation.request import GenerationRequest

log = logging.getLogger(__name__)

_WORKERS: Final = 8


class JobDispatcher:
    """Decides from the follower's snapshot, which costs no call, what is sent next.

    The holder of the follower lease looks at each of its polls; every other dashboard hands on
    where a job came or ended at it. Two may see the same room: each job is claimed before it is
    sent, so that the worst is one more in SageMaker's queue.
    """

    def __init__(
        self,
        follower: Follower,
        sender: Sender,
        claims: Claims,
        holds: QueueHolds,
        limits: SendLimits,
        clock: Clock,
    ) -> None:
        self._follower = follower
        self._sender = sender
        self._claims = claims
        self._stale = StaleClaims(claims.me)
        self.holds = holds
        self._limits = limits
        self._clock = clock
        self._lock = Lock()
        self._turns = Turns()
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="dispatcher")

    @property
    def bucket(self) -> str:
        """Where new jobs lie."""
        return self._sender.bucket

    def submit(
        self,
        job: Job,
        request: GenerationRequest,
        images: Sequence[InputImage],
        limit: SendLimit,
    ) -> None:
        """Begin to store what a new job needs; then it is sent, or waits for its turn. `limit` is
        that of its endpoint, which was just asked for."""
        self._limits.note(job.endpoint, limit)
        self._pool.submit(self._arrive, job, request, images)

    def poll(self, has_lease: bool, has_news: bool) -> None:
        """Begin to send what has its turn, and what is to be sent again; returns at once."""
        jobs = self._follower.open_jobs()
        for job in self._claims.doubtful(jobs):
            self._send_again(job, self._claims.me)
        if has_lease:
            for job in self._stale.of(jobs, self._clock()):
                self._send_again(job, job.claimed_by)
        if has_lease or has_news:
            self._hand_on()
        if sent := self._claims.unconfirmed(self._follower.open_jobs()):
            self._pool.submit(self._claims.end, sent)

    def positions(self, endpoint: str) -> dict[str, LinePosition]:
        """Where each job of an endpoint stands in the line, by its id; one that is held has no
        position."""
        with self._lock:
            sendable = self.holds.sendable(self._jobs_of(endpoint))
            return positions(self._turns.order(endpoint, sendable))

    def close(self) -> None:
        """Store what has come; what waits is sent by another dashboard, or after a restart."""
        self._pool.shutdown(wait=True)

    def end_claims(self) -> None:
        """Write down what was sent; called when nothing is sent any more."""
        self._claims.end_all()

    def _arrive(self, job: Job, request: GenerationRequest, images: Sequence[InputImage]) -> None:
        if not self._sender.store(job, request, images):
            return
        stored = job.model_copy(update={"stored_at": self._clock()})
        self._follower.watch(stored)
        try:
            self._hand_on(request)
        except Exception:  # the worker's edge: the job is in the line, and the next poll hands on
            log.exception("event=not_handed_on job=%s", job.id)
        with self._lock:
            waits = self._turns.is_free(stored, self._clock())
        if waits:
            self._claims.note_stored(stored)

    def _hand_on(self, request: GenerationRequest | None = None) -> None:
        """`request` is of a job that has just come, and spares a read of it."""
        jobs = self._follower.open_jobs()
        for endpoint in {job.endpoint for job in jobs if job.is_in_line}:
            limit = self._limits.of(endpoint)
            for job in self._choose(endpoint, limit):
                own = request if request and request.id == job.id else None
                self._send(job, limit, own)

    def _choose(self, endpoint: str, limit: SendLimit) -> list[Job]:
        with self._lock:
            jobs = self._jobs_of(endpoint)
            sendable = self.holds.sendable(jobs)
            return self._turns.choose(endpoint, jobs, sendable, limit.jobs, self._clock())

    def _send_again(self, job: Job, claimed_by: str) -> None:
        """Send what a process had claimed that died, or did not hear whether SageMaker has it."""
        limit = self._limits.of(job.endpoint)
        with self._lock:
            is_taken = limit.jobs > 0 and self._turns.is_free(job, self._clock())
            if is_taken:
                self._turns.begin(job)
        if is_taken:
            log.info("event=sent_again job=%s endpoint=%s", job.id, job.endpoint)
            self._send(job, limit, claimed_by=claimed_by)

    def _send(
        self,
        job: Job,
        limit: SendLimit,
        request: GenerationRequest | None = None,
        claimed_by: str = "",
    ) -> None:
        sending = self._sender.hand_over(
            job, is_asynchronous=limit.is_asynchronous, request=request, claimed_by=claimed_by
        )
        sending.add_done_callback(lambda _: self._end(job))

    def _end(self, job: Job) -> None:
        with self._lock:
            self._turns.end(job, self._clock())

    def _jobs_of(self, endpoint: str) -> list[Job]:
        return [job for job in self._follower.open_jobs() if job.endpoint == endpoint]
