"""Delivers an asynchronous invocation to a container and its outcome to S3 and SNS."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from itertools import chain, repeat
from typing import BinaryIO

from local_aws.s3.errors import S3Error
from local_aws.s3.store.object_store import ObjectStore
from local_aws.sagemaker.instances.container import Container, ContainerResponse
from local_aws.sagemaker.instances.model_data import split_s3_uri
from local_aws.sagemaker.invocations.queue import Invocation
from local_aws.sagemaker.invocations.response_limits import refused

_logger = logging.getLogger(__name__)

_BACKOFF_S = (0.25, 0.5, 1.0, 2.0, 4.0)  # after a 503; the last one repeats
_REFUSED_PAUSE_S = 2.0  # before a container that takes no connection gives an invocation back
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)

Publish = Callable[[str, str], None]


@dataclass(frozen=True)
class InvocationFailure:
    """Why an invocation has no output: the text of the failure object."""

    message: str


Outcome = ContainerResponse | InvocationFailure


class DeliveryInterrupted(Exception):
    """The local AWS ends, or the container did not get the invocation: it stays in the queue."""


class InvocationDelivery:
    """Delivers invocations.

    `publish(topic, message)` sends a notification; `clock` gives Unix seconds.
    """

    def __init__(
        self, store: ObjectStore, publish: Publish, region: str, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._region = region
        self._publish = publish
        self._clock = clock

    def deliver(
        self,
        invocation: Invocation,
        container: Container,
        topics: Mapping[str, str],
        stopping: threading.Event,
    ) -> bool:
        """Run the invocation and store its output or its failure; whether there was an output.

        A 503 is tried again, with growing pauses, within InvocationTimeoutSeconds. Raises
        `DeliveryInterrupted` when there is no outcome, also once `stopping` is set.
        """
        outcome = self._invoke_with_retries(invocation, container, stopping)
        return self.store_outcome(invocation, outcome, topics)

    def store_outcome(
        self,
        invocation: Invocation,
        outcome: Outcome,
        topics: Mapping[str, str],
    ) -> bool:
        """Store the outcome at the invocation's location and notify; whether it succeeded."""
        try:
            if isinstance(outcome, ContainerResponse):
                self._put(invocation.output_location, outcome.body, outcome.headers)
        except S3Error as error:
            outcome = InvocationFailure(
                f"Failed to upload output to {invocation.output_location}: {error}"
            )
        if isinstance(outcome, InvocationFailure):
            self._store_failure(invocation, outcome)
        self._notify(invocation, outcome, topics)
        _logger.info(
            "event=invocation_ended endpoint=%s inference_id=%s outcome=%s",
            invocation.endpoint,
            invocation.inference_id,
            "failed" if isinstance(outcome, InvocationFailure) else "completed",
        )
        return isinstance(outcome, ContainerResponse)

    def _invoke_with_retries(
        self, invocation: Invocation, container: Container, stopping: threading.Event
    ) -> Outcome:
        deadline = self._clock() + invocation.timeout
        pauses = chain(_BACKOFF_S, repeat(_BACKOFF_S[-1]))
        while True:
            timeout = max(0.1, deadline - self._clock())
            response = self._invoke(invocation, container, timeout, stopping)
            if isinstance(response, InvocationFailure) or response.ok:
                return response
            pause = next(pauses)
            if response.status != 503 or self._clock() + pause > deadline:
                return InvocationFailure(
                    error_message(response.status, response.body.decode(errors="replace"))
                )
            if stopping.wait(pause):
                raise DeliveryInterrupted

    def _invoke(
        self,
        invocation: Invocation,
        container: Container,
        timeout: float,
        stopping: threading.Event,
    ) -> Outcome:
        try:
            with self._input(invocation) as (body, length):
                headers = {**invocation.headers, "Content-Length": str(length)}
                response = container.invoke(body, headers, timeout)
            reason = refused(response)
            return InvocationFailure(reason) if reason else response
        except S3Error as error:
            location = invocation.input_location
            return InvocationFailure(f"Failed to download input from {location}: {error.code}")
        except TimeoutError:
            return InvocationFailure(error_message(0, TIMED_OUT))
        except ConnectionRefusedError as error:
            container.exited.wait(_REFUSED_PAUSE_S)
            raise DeliveryInterrupted from error
        except (OSError, HTTPException) as error:
            is_exiting = container.is_exiting()
            if stopping.is_set():
                raise DeliveryInterrupted from error
            reason = f"The container died: {container.exit_summary()}"
            return InvocationFailure(error_message(0, reason if is_exiting else repr(error)))

    @contextmanager
    def _input(self, invocation: Invocation) -> Iterator[tuple[bytes | BinaryIO, int]]:
        if invocation.input_location is None:
            body = invocation.body or b""
            yield body, len(body)
        else:
            with self._store.reader(*split_s3_uri(invocation.input_location)) as (stored, file):
                yield file, stored.size

    def _put(self, uri: str, body: bytes, headers: Mapping[str, str]) -> None:
        content_type = headers.get("content-type", "application/octet-stream")
        self._store.put_bytes(*split_s3_uri(uri), body, content_type=content_type)

    def _store_failure(self, invocation: Invocation, failure: InvocationFailure) -> None:
        if invocation.failure_location is None:
            return
        headers = {"content-type": "text/plain"}
        try:
            self._put(invocation.failure_location, failure.message.encode(), headers)
        except S3Error:
            _logger.exception("event=failure_not_stored inference_id=%s", invocation.inference_id)

    def _notify(
        self,
        invocation: Invocation,
        outcome: Outcome,
        topics: Mapping[str, str],
    ) -> None:
        failed = isinstance(outcome, InvocationFailure)
        topic = topics.get("ErrorTopic" if failed else "SuccessTopic")
        if topic:
            self._publish(topic, json.dumps(self._message(invocation, outcome)))

    def _message(self, invocation: Invocation, outcome: Outcome) -> dict[str, object]:
        """The notification, with the fields that SageMaker's has."""
        message: dict[str, object] = {
            "awsRegion": self._region,
            "eventTime": _iso_timestamp(self._clock()),
            "receivedTime": _iso_timestamp(invocation.received),
            "invocationStatus": "Completed",
            "requestParameters": {
                "endpointName": invocation.endpoint,
                "inputLocation": invocation.input_location,
            },
            "responseParameters": {"outputLocation": invocation.output_location},
            "inferenceId": invocation.inference_id,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }
        if isinstance(outcome, InvocationFailure):
            del message["responseParameters"]
            message |= {"invocationStatus": "Failed", "failureReason": outcome.message}
        return message


def error_message(status: int, detail: str) -> str:
    """SageMaker's message for an invocation without a 2xx response; status 0: without any."""
    side = "client" if status // 100 == 4 else "server"
    return f'Received {side} error ({status}) from primary with message "{detail[:1000]}"'


def _iso_timestamp(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
