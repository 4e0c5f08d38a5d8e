"""Owns what a user can do with jobs: submit, list, look into, cancel, retry, delete, reuse."""

import logging
from typing import Final

from pydantic import ValidationError

from core.access import Access, Action, User
from core.aws.storage import Storage
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import Clock, NewId, created_at
from core.jobs.draft import RANDOM_SEED, Draft, DraftHires, DraftInpaint, DraftUnit, DraftUpscale
from core.jobs.idempotency import Clicks
from core.jobs.poller import Poller
from core.jobs.preflight import Preflight
from core.jobs.records import PROMPT_IN_LIST, Job, JobFilter, JobPage, JobState
from core.jobs.requests import DrawSeed, Prepared, prepare
from core.jobs.sender import Sender
from core.jobs.store.interface import JobStore
from formats.frozen import Frozen
from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.inpaint import Inpaint
from formats.generation.request import GenerationRequest, parse_request
from formats.generation.result import GenerationResult
from formats.keys import (
    cancel_key,
    input_key,
    job_prefix,
    output_key,
    request_key,
    result_key,
)

log = logging.getLogger(__name__)

_OWN_FORMS: Final = {"inpaint", "hires", "upscale"}
_SHARED_FIELDS: Final = set(Draft.model_fields) & set(GenerationRequest.model_fields) - _OWN_FORMS


class JobDetail(Frozen):
    """Everything known of one job; request or result are None where S3 has none (yet)."""

    job: Job
    request: GenerationRequest | None
    result: GenerationResult | None


class Jobs:
    """The jobs of everybody; each call passes the permission check with its user."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts it is made of, wired in core.studio
        self,
        store: JobStore,
        storage: Storage,
        preflight: Preflight,
        sender: Sender,
        poller: Poller,
        access: Access,
        *,
        clock: Clock,
        new_id: NewId,
        seed: DrawSeed,
    ) -> None:
        self._store = store
        self._storage = storage
        self._preflight = preflight
        self._sender = sender
        self._poller = poller
        self._access = access
        self._clock = clock
        self._new_id = new_id
        self._seed = seed
        self._clicks = Clicks()

    def submit(self, user: User, draft: Draft, click: str) -> tuple[Job, ...]:
        """Check the form, keep a record for each checkpoint, and send them in the background.

        The same `click` again returns the same jobs and makes nothing new. Raises InvalidDraft
        or EndpointNotReady; then nothing is kept and nothing sent.
        """
        return self._clicks.once(f"{user.name}/{click}", lambda: self._submit(user, draft))

    def _submit(self, user: User, draft: Draft) -> tuple[Job, ...]:
        words = self._preflight.words(user, draft)
        prepared = prepare(draft, user.name, self._new_id, self._seed, words)
        self._preflight.check_endpoint(user, draft.endpoint)
        requests = tuple(self._preflight.check_models(user, r) for r in prepared.requests)
        return self._begin(draft.endpoint, prepared.model_copy(update={"requests": requests}))

    def _begin(self, endpoint: str, prepared: Prepared) -> tuple[Job, ...]:
        jobs = tuple(self._record(endpoint, request) for request in prepared.requests)
        for job, request in zip(jobs, prepared.requests, strict=True):
            if not self._store.add(job):
                raise Conflict(f"There is a job {job.id} already. Try again.")
            self._poller.watch(job)
            self._sender.send(endpoint, request, prepared.pictures)
        return jobs

    def _record(self, endpoint: str, request: GenerationRequest) -> Job:
        return Job(
            id=request.id,
            owner=request.owner,
            endpoint=endpoint,
            created_at=created_at(request.id),
            updated_at=self._clock(),
            mode=request.mode,
            checkpoint=request.checkpoint or "",
            prompt=request.prompt[:PROMPT_IN_LIST],
            pictures=request.pictures,
            units=len(request.controlnets),
            steps=request.steps,
        )

    def page(
        self, user: User, which: JobFilter, limit: int = 50, cursor: str | None = None
    ) -> JobPage:
        """Jobs newest first. Raises InvalidInput for a cursor of another list."""
        page = self._store.page(which, limit, cursor)
        seen = tuple(j for j in page.jobs if self._access.may(user, Action.SEE, j.owner))
        return page.model_copy(update={"jobs": seen})

    def open(self, user: User) -> tuple[Job, ...]:
        """The open jobs from the shared snapshot; costs no call."""
        jobs = self._poller.open_jobs()
        return tuple(job for job in jobs if self._access.may(user, Action.SEE, job.owner))

    def newest(self, user: User) -> Job | None:
        """The user's latest job."""
        page = self._store.page(JobFilter(owner=user.name), 1)
        return page.jobs[0] if page.jobs else None

    def get(self, user: User, job_id: str) -> Job:
        """One record. Raises NotFound, NotAllowed, InvalidInput for what is no job id."""
        return self._find(user, job_id, Action.SEE)

    def detail(self, user: User, job_id: str) -> JobDetail:
        """One job with its request and result."""
        job = self.get(user, job_id)
        result = self._storage.find(result_key(job_id))
        return JobDetail(
            job=job,
            request=self._request(job_id),
            result=_result(result.data) if result else None,
        )

    def picture(self, user: User, job_id: str, index: int) -> bytes:
        """A picture of the result, the original PNG. Raises NotFound."""
        job = self.get(user, job_id)
        if not 0 <= index < job.made:
            raise NotFound(f"The job has no picture {index + 1}.")
        return self._storage.read(output_key(job_id, index)).data

    def cancel(self, user: User, job_id: str) -> Job:
        """Stop a job: a queued one ends at once, a running one within two steps."""
        job = self._find(user, job_id, Action.CHANGE)
        self._storage.write(cancel_key(job_id), b"", "text/plain")
        now = self._clock()
        ended = {"state": JobState.CANCELLED, "ended_at": now, "updated_at": now}
        changed = self._store.update(job_id, {JobState.QUEUED}, ended) or self._store.update(
            job_id, {JobState.RUNNING}, {"cancelling": True, "updated_at": now}
        )
        if changed is None:
            raise Conflict(f"The job is over already: {job.state}.")
        self._poller.watch(changed)
        return changed

    def retry(self, user: User, job_id: str, click: str) -> Job:
        """The same request again as a new job, same seed. Raises what `submit` raises."""
        old = self.get(user, job_id)
        request = self._require_request(job_id)

        def begin() -> tuple[Job, ...]:
            fresh = request.model_copy(update={"id": self._new_id(), "owner": user.name})
            self._preflight.check_endpoint(user, old.endpoint)
            checked = self._preflight.check_models(user, fresh)
            return self._begin(old.endpoint, Prepared(requests=(checked,), pictures=()))

        return self._clicks.once(f"{user.name}/{click}", begin)[0]

    def delete(self, user: User, job_id: str) -> None:
        """Remove a closed job with its pictures; inputs stay, other jobs may use them."""
        job = self._find(user, job_id, Action.DELETE)
        if job.state.is_open:
            raise Conflict("The job is still open. Cancel it first.")
        # A break between the two leaves a record, which can be deleted again; never lost files.
        self._storage.delete_below(job_prefix(job_id))
        self._store.delete(job_id)

    def draft_of(self, user: User, job_id: str) -> Draft:
        """A form filled with a job's parameters, its pictures included."""
        job = self.get(user, job_id)
        request = self._require_request(job_id)
        fields = {name: getattr(request, name) for name in _SHARED_FIELDS}
        if not request.variation_strength:
            fields["variation_seed"] = RANDOM_SEED
        return Draft(
            **fields,
            endpoint=job.endpoint,
            checkpoints=(request.checkpoint,) if request.checkpoint else (),
            units=tuple(self._draft_unit(unit) for unit in request.controlnets),
            init_picture=self._input(request.init_image) if request.init_image else None,
            inpaint=self._draft_inpaint(request.inpaint) if request.inpaint else None,
            hires=request.hires and DraftHires(**request.hires.model_dump()),
            upscale=request.upscale and DraftUpscale(**request.upscale.model_dump()),
        )

    def _draft_inpaint(self, inpaint: Inpaint) -> DraftInpaint:
        fields = inpaint.model_dump(exclude={"mask"})
        return DraftInpaint(**fields, mask=self._input(inpaint.mask))

    def _draft_unit(self, unit: ControlNetUnit) -> DraftUnit:
        same = set(DraftUnit.model_fields) & set(ControlNetUnit.model_fields)
        fields = {name: getattr(unit, name) for name in same}
        return DraftUnit(**fields, picture=None if unit.pose else self._input(unit.image))

    def _input(self, sha256: str) -> bytes:
        return self._storage.read(input_key(sha256)).data

    def _request(self, job_id: str) -> GenerationRequest | None:
        content = self._storage.find(request_key(job_id))
        return parse_request(content.data) if content else None

    def _require_request(self, job_id: str) -> GenerationRequest:
        request = self._request(job_id)
        if request is None:
            raise NotFound("The job was never sent; its parameters are not kept. Fill in the form.")
        return request

    def _find(self, user: User, job_id: str, action: Action) -> Job:
        try:
            job_prefix(job_id)
        except ValidationError as error:
            raise InvalidInput("This is no job id.", "job") from error
        job = self._store.get(job_id)
        if job is None:
            raise NotFound("This job is not in the list any more.")
        self._access.require(user, action, job.owner)
        return job


def _result(data: bytes) -> GenerationResult | None:
    try:
        return GenerationResult.model_validate_json(data)
    except ValidationError:
        log.warning("event=result_unreadable")
        return None
