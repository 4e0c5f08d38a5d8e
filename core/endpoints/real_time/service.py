"""Decides what a real-time endpoint takes: InvokeEndpoint answers within 60 s, or not at all."""

from collections.abc import Sequence
from typing import Final

from core.endpoints.real_time.speeds import GenerationSpeed, GenerationSpeeds
from core.endpoints.real_time.workload import Workload, workload
from core.endpoints.service import Endpoint
from core.errors import InvalidInput
from core.records.interface import RecordStore
from core.settings import Settings
from core.texts import endpoints as texts
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult

__all__ = ["GenerationSpeed", "RealTimeLimits", "Workload", "workload"]

ANSWER_SECONDS: Final = 60
"""SageMaker's limit for the container's answer to InvokeEndpoint."""

MAX_REQUEST_BYTES: Final = 6_291_456
"""SageMaker's limit for InvokeEndpoint's body: `BodyBlob` of its service model."""


class RealTimeLimits:
    """What real-time endpoints take, by what the last jobs took."""

    def __init__(self, records: RecordStore, settings: Settings) -> None:
        self._speeds = GenerationSpeeds(records, settings)
        self.known = self._speeds.known
        """What was measured of an instance type and a checkpoint, from memory."""
        self.load = self._speeds.load

    def check(self, endpoint: Endpoint, requests: Sequence[GenerationRequest]) -> None:
        """Raise InvalidInput where a real-time endpoint would not answer all requests of a click in
        time: it has no queue, so that they run one after the other on its instances. Raises
        AwsError."""
        if endpoint.is_asynchronous:
            return
        if any(len(request.model_dump_json()) > MAX_REQUEST_BYTES for request in requests):
            message = texts.request_too_large(endpoint.name, MAX_REQUEST_BYTES)
            raise InvalidInput(message, "endpoint")
        seconds = [self._speeds.estimate(endpoint.instance_type, each) for each in requests]
        needed = max(*seconds, sum(seconds) / max(1, endpoint.instances))
        if needed > ANSWER_SECONDS:
            message = texts.takes_too_long(endpoint.name, needed, ANSWER_SECONDS)
            raise InvalidInput(message, "endpoint")

    def measure(
        self, instance_type: str, checkpoint: str, steps: int, result: GenerationResult
    ) -> None:
        """Learn from a job that ended how long others take. Raises AwsError."""
        self._speeds.measure(instance_type, checkpoint, steps, result)
