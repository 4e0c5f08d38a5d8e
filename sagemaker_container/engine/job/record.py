"""Collects, while a job runs, what its result will say."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from formats.generation.request import GenerationRequest
from formats.generation.result import AppliedModel, Failure, GenerationResult, Outcome, Picture
from formats.generation.samplers import approximate
from formats.version import VERSION
from sagemaker_container.engine.device import Device


@dataclass
class JobRecord:
    """What is known about a job so far; its last three methods make the result of it."""

    request: GenerationRequest
    device: Device
    now: Callable[[], datetime]
    started_at: datetime
    seconds: dict[str, float] = field(default_factory=dict)
    models: list[AppliedModel] = field(default_factory=list)
    maps: int = 0
    sampler_class: str = ""
    prediction: str = ""
    tokens: int | None = None
    notes: list[str] = field(default_factory=list)

    def add_note(self, note: str) -> None:
        """Note, once, that something was done otherwise than requested."""
        if note not in self.notes:
            self.notes.append(note)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the block's duration to a stage's seconds."""
        start = time.perf_counter()
        try:
            yield
        finally:
            duration = time.perf_counter() - start
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + duration, 4)

    def success_result(self, images: tuple[Picture, ...]) -> GenerationResult:
        """The result of a job that has all its images."""
        return self._result(Outcome.SUCCEEDED, images=images)

    def failure_result(self, failure: Failure) -> GenerationResult:
        """The result of a job that can't be done."""
        return self._result(Outcome.FAILED, failure=failure)

    def cancelled_result(self, failure: Failure) -> GenerationResult:
        """The result of a job that was cancelled."""
        return self._result(Outcome.CANCELLED, failure=failure)

    def _approximate(self) -> str | None:
        request, hires = self.request, self.request.hires
        pairs = [(request.sampler, request.schedule)] if request.mode.uses_checkpoint else []
        if hires:
            pairs.append((hires.sampler or request.sampler, hires.schedule or request.schedule))
        return "; ".join(dict.fromkeys(why for p in pairs if (why := approximate(*p)))) or None

    def _result(
        self,
        outcome: Outcome,
        *,
        images: tuple[Picture, ...] = (),
        failure: Failure | None = None,
    ) -> GenerationResult:
        return GenerationResult(
            id=self.request.id,
            outcome=outcome,
            failure=failure,
            pictures=images,
            maps=self.maps,
            models=tuple(self.models),
            sampler_class=self.sampler_class,
            prediction=self.prediction,
            approximate=self._approximate(),
            tokens=self.tokens,
            seconds=self.seconds,
            notes=tuple(self.notes),
            device=self.device.name,
            peak_bytes=self.device.peak_bytes(),
            container=VERSION,
            started_at=self.started_at,
            ended_at=self.now(),
        )
