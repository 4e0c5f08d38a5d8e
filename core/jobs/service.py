"""Owns what a user can do with jobs: submit, list, look into, cancel, retry, reuse."""

from collections.abc import Callable, Sequence
from datetime import datetime

from core.aws.storage import Storage
from core.errors import Conflict, NotFound
from core.ids import Clock
from core.jobs.cancelling import ask_to_stop
from core.jobs.following.follower import Follower
from core.jobs.following.late_results import OnEnd, settle_late_result
from core.jobs.preparing.draft import Draft, draft_of_request
from core.jobs.preparing.submission import Submission
from core.jobs.records import Job, JobFilter, JobPage, JobScope, JobState
from core.jobs.store.authorized import AuthorizedJobs
from core.records.stored import M, read_stored
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Visibility
from core.team.users import User
from core.texts.jobs import jobs as texts
from formats.frozen import Frozen
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult
from formats.keys import (
    input_key,
    map_key,
    output_key,
    request_key,
    result_key,
)
from formats.limits import MAX_CONTROLNET_UNITS

ReadLog = Callable[[str, str, datetime, datetime], tuple[str, ...]]
"""The lines that name a job, of an endpoint's log between two times."""


class JobDetail(Frozen):
    """Everything known of one job; request or result are None where S3 has none (yet), or one
    that this version can't read: `unreadable` then says so."""

    job: Job
    request: GenerationRequest | None
    result: GenerationResult | None
    unreadable: tuple[str, ...] = ()


class Jobs:
    """The jobs of everybody; each call passes the permission check with its user."""

    def __init__(
        self,
        authorized: AuthorizedJobs,
        storage: Storage,
        submission: Submission,
        follower: Follower,
        clock: Clock,
        read_log: ReadLog,
    ) -> None:
        self._authorized = authorized
        self._store = authorized.store
        self._storage = storage
        self._submission = submission
        self._follower = follower
        self._clock = clock
        self._read_log = read_log
        self.on_end: OnEnd = lambda _job: None
        """Told of a job that was cancelled before it ran."""

    def submit(self, user: User, draft: Draft, click: str) -> tuple[Job, ...]:
        """Check the form, keep a record for each checkpoint, and send them in the background.

        The same `click` again returns the same jobs and makes nothing new. Raises InvalidDraft
        EndpointNotReady, QuotaExceeded or NotAllowed; then nothing is kept and nothing sent.
        """
        with self._authorized.creating(user) as act:
            jobs = self._submission.submit(user, draft, click)
            act.name(*(job.id for job in jobs))
        return jobs

    def retry(self, user: User, job_id: str, click: str, endpoint: str = "") -> Job:
        """The same request again as a new job, same seed; on the same endpoint, or on the one
        that is named. Raises what `submit` raises."""
        with self._authorized.creating(user, AuditEvent.RETRY) as act:
            old = self._authorized.find(user, job_id, Action.SEE, Action.USE)
            request, where = self._require_request(old), endpoint or old.endpoint
            job = self._submission.again(user, request, where, click)
            act.name(job.id)
        return job

    def page(
        self, user: User, which: JobFilter, limit: int = 50, cursor: str | None = None
    ) -> JobPage:
        """The jobs of the filter's scope, as the user may see them; what a page costs, see
        `AuthorizedJobs.page`. Raises NotAllowed, InvalidInput for a cursor of another list."""
        page = self._authorized.page(user, which, limit, cursor)
        seen = tuple(job if job.is_redacted else self._follower.look(job) for job in page.jobs)
        return page.model_copy(update={"jobs": seen})

    def scopes(self, user: User) -> tuple[JobScope, ...]:
        """The lists that the user may ask for."""
        return self._authorized.scopes(user)

    def open(self, user: User) -> tuple[Job, ...]:
        """The open jobs from the shared snapshot, those of others redacted; costs no call."""
        return self._authorized.open(user, self._follower.open_jobs())

    def seen(self, user: User, job_ids: Sequence[str]) -> tuple[str, ...]:
        """Of up to a hundred jobs those that are there and that the user may see; one call."""
        return self._authorized.seen(user, job_ids)

    def following_problem(self) -> str:
        """Why the open jobs can't be followed; empty while they are."""
        return self._follower.problem()

    def newest(self, user: User) -> Job | None:
        """The user's latest job."""
        page = self._store.page(JobFilter(owner=user.name), 1)
        return self._follower.look(page.jobs[0]) if page.jobs else None

    def get(self, user: User, job_id: str) -> Job:
        """One record, with the progress of now: who asks is taken to look at the job for a few
        seconds. Raises NotFound, NotAllowed, InvalidInput for what is no job id."""
        return self._follower.look(self._authorized.find(user, job_id, Action.SEE))

    def listed(self, user: User, job_id: str) -> Job:
        """The same, redacted where the user may not look into it. Raises NotFound, InvalidInput."""
        job = self._authorized.view(user, self._authorized.find(user, job_id))
        return job if job.is_redacted else self._follower.look(job)

    def share(
        self, user: User, job_id: str, visibility: Visibility, people: tuple[str, ...] = ()
    ) -> Job:
        """Say who else may see a job and its images; it counts at once.

        Raises NotFound, NotAllowed, InvalidInput for people who are not of the team.
        """
        changed = self._authorized.share(user, job_id, visibility, people)
        if changed.state.is_open:
            self._follower.watch(changed)
        return changed

    def detail(self, user: User, job_id: str) -> JobDetail:
        """One job with its request and result, also one that came after the job was closed."""
        job = self.get(user, job_id)
        request, request_problem = self._request(job)
        result, result_problem = self._read(
            job, GenerationResult, result_key(job_id), texts.UNREADABLE_RESULT
        )
        if result:
            job = settle_late_result(self._store, job, result, self._clock())
            result = _with_note(job, result)
        unreadable = tuple(filter(None, (request_problem, result_problem)))
        return JobDetail(job=job, request=request, result=result, unreadable=unreadable)

    def preview(self, job_id: str) -> bytes | None:
        """A small WebP of a running job's work so far, where its instance told of one; costs no
        call. Who asks must have been found to be one who may see the job."""
        return self._follower.preview(job_id)

    def image(self, user: User, job_id: str, index: int) -> bytes:
        """A picture of the result, the original PNG. Raises NotFound."""
        job = self._authorized.find(user, job_id, Action.SEE)
        self._authorized.require_images(user, job, Action.SEE)
        if not 0 <= index < job.image_count:
            raise NotFound(texts.no_such_image(index + 1))
        return self._bucket(job).read(output_key(job_id, index)).data

    def map(self, user: User, job_id: str, unit: int) -> bytes:
        """The control map of a unit, counted from 0, the original PNG. Raises NotFound."""
        job = self._authorized.find(user, job_id, Action.SEE)
        self._authorized.require_images(user, job, Action.SEE)
        if not 0 <= unit < MAX_CONTROLNET_UNITS:
            raise NotFound(texts.no_such_image(unit + 1))
        return self._bucket(job).read(map_key(job_id, unit)).data

    def cancel(self, user: User, job_id: str) -> Job:
        """Stop a job: a queued one ends at once, a running one within two steps."""
        acting, event = self._authorized.acting, AuditEvent.CANCEL
        with acting(user, job_id, Action.CHANGE, event) as job:
            return self._authorized.view(user, self._cancel(job))

    def _cancel(self, job: Job) -> Job:
        job_id = job.id
        ask_to_stop(self._bucket(job), job_id)
        now = self._clock()
        ended = {"state": JobState.CANCELLED, "updated_at": now}
        changed = self._store.update(job_id, {JobState.QUEUED}, ended) or self._store.update(
            job_id, {JobState.RUNNING}, {"cancelling": True, "updated_at": now}
        )
        if changed is None:
            raise Conflict(texts.is_over(job.state))
        self._follower.watch(changed)
        if not changed.state.is_open:
            self.on_end(changed)
        return changed

    def draft_of(self, user: User, job_id: str, *, resolved: bool = False) -> Draft:
        """A form filled with a job's parameters, its images included.

        Of a dynamic prompt it has the template; with `resolved`, what was sent of it.
        """
        job = self._authorized.find(user, job_id, Action.SEE, Action.USE)
        self._authorized.require_images(user, job, Action.USE)
        bucket = self._bucket(job)
        return draft_of_request(
            self._require_request(job),
            job.endpoint,
            lambda sha256: bucket.read(input_key(sha256)).data,
            resolved=resolved,
        )

    def container_log(self, user: User, job_id: str) -> tuple[str, ...]:
        """The lines of its container's log that name a job, oldest first; none of a job that no
        container can have had. Raises NotFound, NotAllowed, AwsError."""
        job = self._authorized.find(user, job_id, Action.SEE)
        begin = job.sent_at or job.started_at
        if begin is None:
            return ()
        end = self._clock() if job.state.is_open else job.updated_at
        return self._read_log(job.endpoint, job.id, begin, end)

    def _bucket(self, job: Job) -> Storage:
        return self._storage.of_bucket(job.bucket)

    def _read(self, job: Job, model: type[M], key: str, problem: str) -> tuple[M | None, str]:
        """What is stored, and the problem where there is something that can't be read."""
        content = self._bucket(job).find(key)
        if content is None:
            return None, ""
        stored = read_stored(model, content.data, key)
        return stored, "" if stored else problem

    def _request(self, job: Job) -> tuple[GenerationRequest | None, str]:
        return self._read(job, GenerationRequest, request_key(job.id), texts.UNREADABLE_REQUEST)

    def _require_request(self, job: Job) -> GenerationRequest:
        request, problem = self._request(job)
        if request is None:
            raise NotFound(problem or texts.NO_REQUEST)
        return request


def _with_note(job: Job, result: GenerationResult) -> GenerationResult:
    """The result, which tells what was said of a job before it succeeded after all."""
    if job.state is not JobState.SUCCEEDED or job.failure is None:
        return result
    note = texts.succeeded_late(job.failure.message)
    return result.model_copy(update={"notes": (*result.notes, note)})
