"""Carry one asynchronous invocation to a container, and what came of it to S3 and SNS."""

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

_log = logging.getLogger(__name__)

_BACKOFF_S = (0.25, 0.5, 1.0, 2.0, 4.0)  # after a 503; the last one repeats
_LAST_WORDS_S = 2.0  # how long a broken connection waits for the container's exit status
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the "
    "latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."
)

Publish = Callable[[str, str], None]


@dataclass(frozen=True)
class Failure:
    """Why an invocation has no output, in the words of the failure object."""

    message: str


class NotDelivered(Exception):
    """The local AWS ends, or the container did not get the invocation: it stays in the queue."""


class Delivery:
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
        halted: threading.Event,
    ) -> bool:
        """Run the invocation and store its output or its failure; whether there was an output.

        A 503 is tried again, with growing pauses, within InvocationTimeoutSeconds. Raises
        `NotDelivered` when nothing came of it, also once `halted` is set.
        """
        outcome = self._ask(invocation, container, halted)
        return self.conclude(invocation, outcome, topics)

    def conclude(
        self,
        invocation: Invocation,
        outcome: ContainerResponse | Failure,
        topics: Mapping[str, str],
    ) -> bool:
        """Store the outcome where the invocation wants it and notify; whether it succeeded."""
        try:
            if isinstance(outcome, ContainerResponse):
                self._put(invocation.output_location, outcome.body, outcome.headers)
        except S3Error as error:
            outcome = Failure(f"Failed to upload output to {invocation.output_location}: {error}")
        if isinstance(outcome, Failure):
            self._store_failure(invocation, outcome)
        self._notify(invocation, outcome, topics)
        _log.info(
            "event=invocation_ended endpoint=%s inference_id=%s outcome=%s",
            invocation.endpoint,
            invocation.inference_id,
            "failed" if isinstance(outcome, Failure) else "completed",
        )
        return isinstance(outcome, ContainerResponse)

    def _ask(
        self, invocation: Invocation, container: Container, halted: threading.Event
    ) -> ContainerResponse | Failure:
        deadline = self._clock() + invocation.timeout
        pauses = chain(_BACKOFF_S, repeat(_BACKOFF_S[-1]))
        while True:
            left = max(0.1, deadline - self._clock())
            answer = self._post(invocation, container, left, halted)
            if isinstance(answer, Failure) or answer.ok:
                return answer
            pause = next(pauses)
            if answer.status != 503 or self._clock() + pause > deadline:
                return Failure(server_error(answer.status, answer.body.decode(errors="replace")))
            if halted.wait(pause):
                raise NotDelivered

    def _post(
        self, invocation: Invocation, container: Container, left: float, halted: threading.Event
    ) -> ContainerResponse | Failure:
        try:
            with self._input(invocation) as (body, length):
                headers = {**invocation.headers, "Content-Length": str(length)}
                return container.invoke(body, headers, left)
        except S3Error as error:
            where = invocation.input_location
            return Failure(f"Failed to download input from {where}: {error.code}")
        except TimeoutError:
            return Failure(server_error(0, TIMED_OUT))
        except (OSError, HTTPException) as error:
            ended = container.exited.wait(_LAST_WORDS_S)
            if halted.is_set() or isinstance(error, ConnectionRefusedError):
                raise NotDelivered from error
            return Failure(
                server_error(
                    0, f"The container died: {container.exit_summary()}" if ended else repr(error)
                )
            )

    @contextmanager
    def _input(self, invocation: Invocation) -> Iterator[tuple[bytes | BinaryIO, int]]:
        if invocation.input_location is None:
            body = invocation.body or b""
            yield body, len(body)
        else:
            with self._store.opened(*split_s3_uri(invocation.input_location)) as (stored, file):
                yield file, stored.size

    def _put(self, uri: str, body: bytes, headers: Mapping[str, str]) -> None:
        content_type = headers.get("content-type", "application/octet-stream")
        self._store.put_bytes(*split_s3_uri(uri), body, content_type=content_type)

    def _store_failure(self, invocation: Invocation, failure: Failure) -> None:
        if invocation.failure_location is None:
            return
        text = {"content-type": "text/plain"}
        try:
            self._put(invocation.failure_location, failure.message.encode(), text)
        except S3Error:
            _log.exception("event=failure_not_stored inference_id=%s", invocation.inference_id)

    def _notify(
        self,
        invocation: Invocation,
        outcome: ContainerResponse | Failure,
        topics: Mapping[str, str],
    ) -> None:
        failed = isinstance(outcome, Failure)
        topic = topics.get("ErrorTopic" if failed else "SuccessTopic")
        if topic:
            self._publish(topic, json.dumps(self._message(invocation, outcome)))

    def _message(
        self, invocation: Invocation, outcome: ContainerResponse | Failure
    ) -> dict[str, object]:
        """The notification, with the fields that SageMaker's has."""
        message: dict[str, object] = {
            "awsRegion": self._region,
            "eventTime": _stamp(self._clock()),
            "receivedTime": _stamp(invocation.received),
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
        if isinstance(outcome, Failure):
            del message["responseParameters"]
            message |= {"invocationStatus": "Failed", "failureReason": outcome.message}
        return message


def server_error(status: int, words: str) -> str:
    """SageMaker's sentence for an invocation without a 2xx answer; 0 when there was none."""
    side = "client" if status // 100 == 4 else "server"
    return f'Received {side} error ({status}) from primary with message "{words[:1000]}"'


def _stamp(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
