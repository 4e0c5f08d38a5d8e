"""Sends a job to its endpoint: stores what it needs, claims and invokes; a refusal ends it."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
)

from core.aws.backoff import retry_with_backoff
from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsError, AwsThrottled, AwsUnreachable
from core.images.files import InputImage
from core.jobs.inputs.storing import store_inputs
from core.jobs.records import Job
from core.jobs.sending.claims import STALE, Claims
from core.jobs.sending.real_time import RealTimeInvoker
from core.records.stored import read_stored
from core.texts import aws as aws_texts
from core.texts.jobs import jobs as texts
from formats.generation.request import GenerationRequest
from formats.keys import request_key

if TYPE_CHECKING:
    from types_boto3_sagemaker_runtime.type_defs import InvokeEndpointAsyncOutputTypeDef

log = logging.getLogger(__name__)

T = TypeVar("T")

_WORKERS: Final = 8
_REAL_TIME_WORKERS: Final = 16
"""Each waits for an answer; what is beyond them waits here."""

_INVOCATION_SECONDS: Final = 3600
"""The longest that SageMaker lets an asynchronous invocation take."""

_BEGINS_WITHIN: Final = timedelta(seconds=30)
"""An instance that has nothing to do takes a job from SageMaker's queue, and says so, within this;
where the answer to an invocation is lost, the job is sent again after that."""

_NO_CONNECTION: Final = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
"""Of a single try: nothing of the call was sent."""


class Sender:
    """Works in the background, so that no page waits for AWS. What AWS throttles is sent again for
    most of a minute; `stopping` is what those waits wait for. A job that is not sent when the
    process ends waits in the line for another."""

    def __init__(
        self,
        aws: Aws,
        storage: Storage,
        claims: Claims,
        ttl_seconds: int,
        stopping: Event | None = None,
    ) -> None:
        self._runtime = aws.runtime
        self._real_time = RealTimeInvoker(aws)
        self._storage = storage
        self._claims = claims
        self._ttl = ttl_seconds
        self._stopping = stopping or Event()
        self.tells_of: Callable[[str], bool] = lambda _endpoint: False
        """Whether messages tell of an endpoint's failures in SageMaker's words; then its failure
        objects need not be looked for, and a write is saved."""
        self.on_answer: Callable[[str, str], None] = lambda _job, _failure: None
        """Told of a job that a real-time endpoint answered, and why its container failed it."""
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sender")
        self._real_time_pool = ThreadPoolExecutor(
            _REAL_TIME_WORKERS, thread_name_prefix="real-time-sender"
        )

    @property
    def bucket(self) -> str:
        """Where the jobs lie that it sends."""
        return self._storage.bucket

    def store(self, job: Job, request: GenerationRequest, images: Sequence[InputImage]) -> bool:
        """Store what a job needs; False where that failed, which ends the job."""

        def write() -> None:
            store_inputs(self._storage.of_bucket(job.bucket), request, images)

        return self._carefully(job.id, lambda: self._patiently(job.id, write))

    def hand_over(
        self,
        job: Job,
        *,
        is_asynchronous: bool = True,
        request: GenerationRequest | None = None,
        claimed_by: str = "",
    ) -> Future[bool]:
        """Begin to claim and send a job; the outcome is written to its record.

        Its `request` spares a read where it is at hand; `claimed_by` is the process that claimed it
        before.
        """

        def step() -> None:
            if taken := self._claims.take(job, claimed_by):
                self._invoke(taken) if is_asynchronous else self._invoke_real_time(taken, request)

        pool = self._pool if is_asynchronous else self._real_time_pool
        return pool.submit(self._carefully, job.id, lambda: self._patiently(job.id, step))

    def close(self) -> None:
        """Finish what is being sent; a job that waits for another try stays in the line."""
        self._stopping.set()
        self._pool.shutdown(wait=True)
        self._real_time_pool.shutdown(wait=True)

    def _carefully(self, job_id: str, send: Callable[[], None]) -> bool:
        """Whether it went well; a job that AWS refused ends."""
        try:
            send()
        except AwsError as error:
            if self._stopping.is_set() and _may_pass(error):
                log.info("event=job_left_in_line job=%s", job_id)
            else:
                self._claims.reject(job_id, texts.rejected(str(error)))
        except Exception:  # the worker's edge: a job must end, whatever happened
            log.exception("event=send_failed job=%s", job_id)
            self._claims.reject(job_id, texts.SENDING_FAILED)
        else:
            return True
        return False

    def _patiently(self, job_id: str, step: Callable[[], None]) -> None:
        """Do a step again while AWS throttles it; meanwhile the job counts as not sent."""
        retry_with_backoff(step, _may_pass, lambda: self._claims.release(job_id), self._stopping)

    def _invoke(self, job: Job) -> None:
        """Raises AwsError where SageMaker certainly has not taken the job."""
        answer = _answer(job.id, lambda: self._call(job))
        if answer is None:
            self._claims.doubt(job.id, _BEGINS_WITHIN)
            return
        if self.tells_of(job.endpoint):
            self._claims.confirm(job.id)
        else:
            self._claims.confirm(job.id, answer.get("FailureLocation", ""))
        log.info("event=job_sent job=%s endpoint=%s", job.id, job.endpoint)

    def _invoke_real_time(self, job: Job, request: GenerationRequest | None) -> None:
        """The same for a real-time endpoint; where the answer is lost, the container mostly has the
        job, and it is followed to its end."""
        body = request or self._read_request(job)
        failure = _answer(job.id, lambda: self._real_time.invoke(job.endpoint, body))
        if failure is None:
            self._claims.doubt(job.id, STALE)
            return
        log.info("event=job_answered job=%s endpoint=%s", job.id, job.endpoint)
        try:
            self.on_answer(job.id, failure)
        except AwsError as error:  # the follower reads the result too
            log.warning("event=answer_not_recorded job=%s error=%s", job.id, error)

    def _read_request(self, job: Job) -> GenerationRequest:
        """Raises AwsError, also where it can't be read."""
        content = self._storage.of_bucket(job.bucket).read(request_key(job.id))
        request = read_stored(GenerationRequest, content.data, job.id)
        if request is None:
            raise AwsError(texts.UNREADABLE_REQUEST)
        return request

    def _call(self, job: Job) -> "InvokeEndpointAsyncOutputTypeDef":
        with translate_errors(texts.INVOKING_FAILED):
            answer = self._runtime.invoke_endpoint_async(
                EndpointName=job.endpoint,
                InputLocation=self._storage.of_bucket(job.bucket).uri(request_key(job.id)),
                ContentType="application/json",
                InferenceId=job.id,
                RequestTTLSeconds=self._ttl,
                InvocationTimeoutSeconds=_INVOCATION_SECONDS,
            )
        if not answer.get("InferenceId"):  # a proxy's page: boto3 takes any text
            raise AwsUnreachable(aws_texts.no_answer(texts.INVOKING_FAILED, "InferenceId"))
        return answer


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
