"""Estimates how long a job takes, by what the last ones with its checkpoint took, and how wrong
that was."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from threading import Lock
from typing import Final, Self

from pydantic import Field

from core.endpoints.gpu_hosts import is_gpu
from core.endpoints.real_time.workload import workload, workload_of_result
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
"""A measurement that differs by this part is worth a write at once."""

_UNWRITTEN: Final = 5
"""Measurements that are written together, where none of them is."""

_REMEMBERED: Final = 20
_MOST: Final = 200
"""Pairs of an instance type and a checkpoint that pages are told of."""


class GenerationSpeed(Tolerant):
    """How long a step of a megapixel takes, and what the last estimates were off by."""

    seconds: float = Field(gt=0)
    job_seconds: float = Field(default=0, ge=0)
    """Of a whole job, on average; 0 in the records of older versions."""
    errors: tuple[float, ...] = ()
    """Of the last estimates, the latest last, each as a share of what the job took."""

    @property
    def error(self) -> float | None:
        """The median of them; None where none was compared."""
        return median(self.errors) if self.errors else None

    def with_job(self, work: float, took: float) -> Self:
        """The same after one more job: how far the estimate was off counts, and then it moves."""
        error = abs(self.seconds * work - took) / took
        job = self.job_seconds or took
        return self.model_copy(
            update={
                "seconds": _OLD * self.seconds + (1 - _OLD) * took / work,
                "job_seconds": _OLD * job + (1 - _OLD) * took,
                "errors": (*self.errors, round(error, 3))[-_REMEMBERED:],
            }
        )


SPEEDS: Final = RecordKind("generation-speed", GenerationSpeed)
"""The owner is the instance type, the id the checkpoint."""


class GenerationSpeeds:
    """The speeds of checkpoints on instance types, measured from the jobs that ended."""

    def __init__(self, records: RecordStore, settings: Settings) -> None:
        self._records = records
        self._embedded = settings.embedded
        self._lock = Lock()
        self._known: dict[tuple[str, str], GenerationSpeed] = {}
        self._unwritten: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        """Work and seconds of the jobs that the record does not know of."""

    def known(self, instance_type: str, checkpoint: str) -> GenerationSpeed | None:
        """What was measured, from memory: as of the last `load`, and this dashboard's own jobs."""
        with self._lock:
            return self._known.get((instance_type, checkpoint))

    def load(self) -> None:
        """Read what other dashboards measured. Raises AwsError."""
        records = self._records.page(SPEEDS, limit=_MOST).records
        with self._lock:
            for record in records:
                key = (record.owner, record.id)
                if not self._unwritten.get(key):
                    self._known[key] = record.value

    def estimate(self, instance_type: str, request: GenerationRequest) -> float:
        """Seconds from the first step to the stored images, its models loaded; 0 where nothing is
        known: of an upscale job, and on this machine before the first measurement."""
        if request.mode is Mode.UPSCALE or not request.checkpoint:
            return 0
        work = workload(request, request.mode, request.image_count, len(request.controlnets))
        return work.megapixel_steps * self.seconds(instance_type, request.checkpoint)

    def measure(
        self, instance_type: str, checkpoint: str, steps: int, result: GenerationResult
    ) -> None:
        """Learn from a job that ended. Raises AwsError."""
        work = workload_of_result(steps, result)
        took = sum(s for stage, s in result.seconds.items() if stage not in _ONCE)
        if not (checkpoint and work and took > 0):
            return
        key = (instance_type, checkpoint)
        with self._lock:
            known = self._known.get(key)
            self._unwritten[key].append((work, took))
            if known:
                self._known[key] = known.with_job(work, took)
            is_close = known and abs(took / work - known.seconds) < known.seconds * _CHANGE
            if is_close and len(self._unwritten[key]) < _UNWRITTEN:
                return
            jobs = self._unwritten.pop(key)
        self._write(key, jobs)

    def _write(self, key: tuple[str, str], jobs: Sequence[tuple[float, float]]) -> None:
        def change(kept: GenerationSpeed | None) -> GenerationSpeed:
            speed, rest = kept, list(jobs)
            if speed is None:
                work, took = rest.pop(0)
                speed = GenerationSpeed(seconds=took / work, job_seconds=took)
            for work, took in rest:
                speed = speed.with_job(work, took)
            return speed

        try:
            stored = edit(self._records, SPEEDS, *key, change)
        except Conflict as error:  # the next job tells as much
            log.info("event=speed_not_kept type=%s error=%s", key[0], error)
            return
        if stored:
            with self._lock:
                self._known[key] = stored

    def seconds(self, instance_type: str, checkpoint: str) -> float:
        """For a step of a megapixel; 0 where nothing is known. Raises AwsError."""
        found = self._records.get(SPEEDS, instance_type, checkpoint)
        if found:
            return found.value.seconds
        if self._embedded:
            return 0
        return _ON_GPU if is_gpu(instance_type) else _ON_CPU
