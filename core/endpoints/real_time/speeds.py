"""Estimates how long a job takes, by what the last ones with its checkpoint took."""

import logging
from threading import Lock
from typing import Final

from pydantic import Field

from core.endpoints.gpu_hosts import is_gpu
from core.errors import Conflict
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.settings import Settings
from formats.frozen import Tolerant
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult

log = logging.getLogger(__name__)

_ONCE: Final = frozenset({"fetch", "load"})
"""Stages that the next job with the same models is spared."""

_ON_GPU: Final = 0.5
_ON_CPU: Final = 8.0
"""Seconds for a step of a megapixel where none was measured yet: about a T4 with SDXL in half
precision, and a large CPU instance with SD 1.5."""

_OLD: Final = 0.7
"""The weight of what is known beside a new measurement."""

_CHANGE: Final = 0.25
"""Only a measurement that differs by this part is worth a write."""


class GenerationSpeed(Tolerant):
    """How long a step of a megapixel takes."""

    seconds: float = Field(gt=0)


SPEEDS: Final = RecordKind("generation-speed", GenerationSpeed)
"""The owner is the instance type, the id the checkpoint."""


class GenerationSpeeds:
    """The speeds of checkpoints on instance types, measured from the jobs that ended."""

    def __init__(self, records: RecordStore, settings: Settings) -> None:
        self._records = records
        self._embedded = settings.embedded
        self._lock = Lock()
        self._known: dict[tuple[str, str], float] = {}

    def estimate(self, instance_type: str, request: GenerationRequest) -> float:
        """Seconds from the first step to the stored images, its models loaded; 0 where nothing is
        known: of an upscale job, and on this machine before the first measurement."""
        if request.mode is Mode.UPSCALE or not request.checkpoint:
            return 0
        width, height = request.size
        work = request.steps * request.image_count * width * height / 1e6
        return work * self.seconds(instance_type, request.checkpoint)

    def measure(
        self, instance_type: str, checkpoint: str, steps: int, result: GenerationResult
    ) -> None:
        """Learn from a job that ended. Raises AwsError."""
        work = steps * sum(image.width * image.height for image in result.pictures) / 1e6
        took = sum(s for stage, s in result.seconds.items() if stage not in _ONCE)
        if not (checkpoint and work and took > 0):
            return
        key, measured = (instance_type, checkpoint), took / work
        known = self._known.get(key)
        if known and abs(measured - known) < known * _CHANGE:
            return

        def change(kept: GenerationSpeed | None) -> GenerationSpeed:
            mean = _OLD * kept.seconds + (1 - _OLD) * measured if kept else measured
            return GenerationSpeed(seconds=mean)

        try:
            stored = edit(self._records, SPEEDS, instance_type, checkpoint, change)
        except Conflict as error:  # the next job tells as much
            log.info("event=speed_not_kept type=%s error=%s", instance_type, error)
            return
        if stored:
            with self._lock:
                self._known[key] = stored.seconds

    def seconds(self, instance_type: str, checkpoint: str) -> float:
        """For a step of a megapixel; 0 where nothing is known. Raises AwsError."""
        found = self._records.get(SPEEDS, instance_type, checkpoint)
        if found:
            return found.value.seconds
        if self._embedded:
            return 0
        return _ON_GPU if is_gpu(instance_type) else _ON_CPU
