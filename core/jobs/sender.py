"""Sends a recorded job to its endpoint: inputs, request, invocation; each failure ends the job."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsError
from core.ids import Clock
from core.images.files import InputImage
from core.jobs.records import FailureReason, JobFailure, JobState
from core.jobs.store.interface import JobStore
from core.texts import jobs as texts
from formats.generation.request import GenerationRequest
from formats.keys import input_key, request_key

log = logging.getLogger(__name__)

_WORKERS: Final = 8
_INVOCATION_SECONDS: Final = 3600
"""The longest that SageMaker lets an asynchronous invocation take."""


class Sender:
    """Works in the background, so that no page waits for AWS. A job that is not sent when the
    process dies is found and ended by the poller."""

    def __init__(
        self, aws: Aws, storage: Storage, store: JobStore, clock: Clock, ttl_seconds: int
    ) -> None:
        self._runtime = aws.runtime
        self._storage = storage
        self._store = store
        self._clock = clock
        self._ttl = ttl_seconds
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sender")

    def send(self, endpoint: str, request: GenerationRequest, images: Sequence[InputImage]) -> None:
        """Begin to send; the outcome is written to the job's record."""
        self._pool.submit(self._send, endpoint, request, images)

    def close(self) -> None:
        """Finish what is being sent."""
        self._pool.shutdown(wait=True)

    def _send(
        self, endpoint: str, request: GenerationRequest, images: Sequence[InputImage]
    ) -> None:
        try:
            self._store_inputs(request, images)
            self._invoke(endpoint, request.id)
        except AwsError as error:
            self._fail(request.id, texts.rejected(str(error)))
        except Exception:  # the worker's edge: a job must end, whatever happened
            log.exception("event=send_failed job=%s", request.id)
            self._fail(request.id, texts.SENDING_FAILED)

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

    def _invoke(self, endpoint: str, job_id: str) -> None:
        if not self._is_queued(job_id):
            return
        with translate_errors(texts.INVOKING_FAILED):
            answer = self._runtime.invoke_endpoint_async(
                EndpointName=endpoint,
                InputLocation=self._storage.uri(request_key(job_id)),
                ContentType="application/json",
                InferenceId=job_id,
                RequestTTLSeconds=self._ttl,
                InvocationTimeoutSeconds=_INVOCATION_SECONDS,
            )
        self._change(
            job_id,
            sent_at=self._clock(),
            failure_location=answer.get("FailureLocation", ""),
        )
        log.info("event=job_sent job=%s endpoint=%s", job_id, endpoint)

    def _is_queued(self, job_id: str) -> bool:
        job = self._store.get(job_id)
        return job is not None and job.state is JobState.QUEUED

    def _fail(self, job_id: str, message: str) -> None:
        failure = JobFailure(code=FailureReason.REJECTED, message=message)
        self._change(job_id, state=JobState.FAILED, failure=failure)
        log.warning("event=job_rejected job=%s reason=%s", job_id, message)

    def _change(self, job_id: str, **changes: Any) -> None:
        states = {JobState.QUEUED, JobState.RUNNING}  # a fast container may have begun
        self._store.update(job_id, states, {**changes, "updated_at": self._clock()})
