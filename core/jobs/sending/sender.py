"""Sends a recorded job to its endpoint: inputs, request, invocation; a refusal ends the job."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any, Final, TypeVar

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)

from core.aws.backoff import retry_with_backoff
from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsError, AwsThrottled, AwsUnreachable
from core.ids import Clock
from core.images.files import InputImage
from core.jobs.records import FailureReason, Job, JobFailure, JobState
from core.jobs.sending.real_time import RealTimeInvoker
from core.jobs.store.interface import JobStore
from core.texts import jobs as texts
from formats.generation.request import GenerationRequest
from formats.keys import input_key, request_key

if TYPE_CHECKING:
    from types_boto3_sagemaker_runtime.type_defs import InvokeEndpointAsyncOutputTypeDef

log = logging.getLogger(__name__)

T = TypeVar("T")
_Invoke = Callable[[str, GenerationRequest], None]

_WORKERS: Final = 8
_REAL_TIME_WORKERS: Final = 16
"""Each waits for an answer; what is beyond them waits here."""

_INVOCATION_SECONDS: Final = 3600
"""The longest that SageMaker lets an asynchronous invocation take."""

_NO_CONNECTION: Final = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
"""Of a single try: nothing of the call was sent."""


class Sender:
    """Works in the background, so that no page waits for AWS. A job that is not sent when the
    process dies is found and ended by the follower. What AWS throttles is sent again for most of a
    minute; `stopping` is what those waits wait for."""

    def __init__(
        self,
        aws: Aws,
        storage: Storage,
        store: JobStore,
        clock: Clock,
        ttl_seconds: int,
        stopping: Event | None = None,
    ) -> None:
        self._runtime = aws.runtime
        self._real_time = RealTimeInvoker(aws)
        self._storage = storage
        self._store = store
        self._clock = clock
        self._ttl = ttl_seconds
        self._stopping = stopping or Event()
        self.tells_of: Callable[[str], bool] = lambda _endpoint: False
        """Whether messages tell of an endpoint's failures in SageMaker's words; then its failure
        objects need not be looked for, and a write is saved."""
        self.on_answer: Callable[[str, str], None] = lambda _job, _failure: None
        """Told of a job that a real-time endpoint answered, and why its container failed it."""
        self.on_end: Callable[[Job], None] = lambda _job: None
        """Told of a job that could not be sent."""
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sender")
        self._real_time_pool = ThreadPoolExecutor(
            _REAL_TIME_WORKERS, thread_name_prefix="real-time-sender"
        )

    @property
    def bucket(self) -> str:
        """Where the jobs lie that it sends."""
        return self._storage.bucket

    def send(
        self,
        endpoint: str,
        request: GenerationRequest,
        images: Sequence[InputImage],
        *,
        is_asynchronous: bool = True,
    ) -> None:
        """Begin to send; the outcome is written to the job's record."""
        pool = self._pool if is_asynchronous else self._real_time_pool
        pool.submit(self._send, endpoint, request, images, is_asynchronous=is_asynchronous)

    def close(self) -> None:
        """Finish what is being sent; a job that waits for another try ends at once."""
        self._stopping.set()
        self._pool.shutdown(wait=True)
        self._real_time_pool.shutdown(wait=True)

    def _send(
        self,
        endpoint: str,
        request: GenerationRequest,
        images: Sequence[InputImage],
        *,
        is_asynchronous: bool = True,
    ) -> None:
        invoke = self._invoke if is_asynchronous else self._invoke_real_time
        try:
            self._patiently(request.id, lambda: self._store_inputs(request, images))
            self._patiently(request.id, lambda: self._invoke_if_queued(endpoint, request, invoke))
        except AwsError as error:
            self._fail(request.id, texts.rejected(str(error)))
        except Exception:  # the worker's edge: a job must end, whatever happened
            log.exception("event=send_failed job=%s", request.id)
            self._fail(request.id, texts.SENDING_FAILED)

    def _patiently(self, job_id: str, step: Callable[[], None]) -> None:
        """Do a step again while AWS throttles it; meanwhile the job counts as not sent."""
        retry_with_backoff(
            step, _may_pass, lambda: self._note(job_id, sent_at=None), self._stopping
        )

    def _store_inputs(self, request: GenerationRequest, images: Sequence[InputImage]) -> None:
        for image in images:
            self._write_once(input_key(image.sha256), image.data, "image/png")
        body = request.model_dump_json().encode()
        self._write_once(request_key(request.id), body, "application/json")

    def _write_once(self, key: str, data: bytes, content_type: str) -> None:
        try:
            self._storage.write(key, data, content_type, if_absent=True)
        except AwsConflict:
            log.debug("event=already_stored key=%s", key)  # the key names the bytes

    def _invoke_if_queued(self, endpoint: str, request: GenerationRequest, invoke: _Invoke) -> None:
        if self._hand_over(request.id):
            invoke(endpoint, request)

    def _hand_over(self, job_id: str) -> bool:
        """Record that the job goes to SageMaker, before each call: from then on it may be in the
        queue, whatever happens to the answer. False for one that was cancelled meanwhile."""
        now = self._clock()
        changes = {"sent_at": now, "updated_at": now}
        return self._store.update(job_id, {JobState.QUEUED}, changes) is not None

    def _invoke(self, endpoint: str, request: GenerationRequest) -> None:
        """Raises AwsError where SageMaker certainly has not taken the job."""
        answer = _answer(request.id, lambda: self._call(endpoint, request.id))
        if answer is None:
            return
        log.info("event=job_sent job=%s endpoint=%s", request.id, endpoint)
        if not self.tells_of(endpoint):
            self._note(request.id, failure_location=answer.get("FailureLocation", ""))

    def _invoke_real_time(self, endpoint: str, request: GenerationRequest) -> None:
        """The same for a real-time endpoint; a job whose answer is lost is followed to its end."""
        failure = _answer(request.id, lambda: self._real_time.invoke(endpoint, request))
        if failure is None:
            return
        log.info("event=job_answered job=%s endpoint=%s", request.id, endpoint)
        try:
            self.on_answer(request.id, failure)
        except AwsError as error:  # the follower reads the result too
            log.warning("event=answer_not_recorded job=%s error=%s", request.id, error)

    def _call(self, endpoint: str, job_id: str) -> "InvokeEndpointAsyncOutputTypeDef":
        with translate_errors(texts.INVOKING_FAILED):
            return self._runtime.invoke_endpoint_async(
                EndpointName=endpoint,
                InputLocation=self._storage.uri(request_key(job_id)),
                ContentType="application/json",
                InferenceId=job_id,
                RequestTTLSeconds=self._ttl,
                InvocationTimeoutSeconds=_INVOCATION_SECONDS,
            )

    def _note(self, job_id: str, **changes: Any) -> None:
        """Record what the job can do without: its sending does not depend on it."""
        try:
            self._change(job_id, **changes)
        except AwsError as error:
            log.warning("event=job_not_recorded job=%s error=%s", job_id, error)

    def _fail(self, job_id: str, message: str) -> None:
        log.warning("event=job_rejected job=%s reason=%s", job_id, message)
        failure = JobFailure(code=FailureReason.REJECTED, message=message)
        try:
            job = self._change(job_id, state=JobState.FAILED, failure=failure, sent_at=None)
            if job:
                self.on_end(job)
        except Exception:  # the worker's edge: nobody else would hear of it
            log.exception("event=job_not_recorded job=%s", job_id)

    def _change(self, job_id: str, **changes: Any) -> Job | None:
        states = {JobState.QUEUED, JobState.RUNNING}  # a fast container may have begun
        return self._store.update(job_id, states, {**changes, "updated_at": self._clock()})


def _answer(job_id: str, call: Callable[[], T]) -> T | None:
    """What a call answers; None where its answer is lost. Raises AwsError where SageMaker has
    certainly not taken the job."""
    try:
        return call()
    except Exception as error:  # whatever broke the answer, SageMaker may have the job
        if isinstance(error, AwsError) and is_refusal(error):
            raise
        log.warning("event=answer_lost job=%s error=%s", job_id, error)
        return None


def is_refusal(error: AwsError) -> bool:
    """Whether a call of a single try certainly had no effect: it was refused or throttled, or never
    left this process."""
    cause = error.__cause__
    if isinstance(cause, ClientError):
        status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return isinstance(error, AwsThrottled) or 400 <= status < 500
    return isinstance(cause, _NO_CONNECTION) or not isinstance(error, AwsUnreachable)


def _may_pass(error: AwsError) -> bool:
    """Whether the same call may be taken a little later, and this one certainly was not."""
    return isinstance(error, AwsThrottled) or isinstance(error.__cause__, _NO_CONNECTION)
