"""Estimates how long a job takes, by what the last ones with its checkpoint took, and how wrong
that was."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from threading import Lock
from typing import Final, NamedTuple, Self

from pydantic import Field

from core.endpoints.gpu_hosts import is_gpu
from core.endpoints.real_time.workload import Workload, workload, workload_of_result
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

_STEPS: Final = "draw"
"""The stage of the steps, which grows with them."""

_ON_GPU: Final = 0.5
_ON_CPU: Final = 8.0
"""Seconds for a step of a megapixel where none was measured yet: about a T4 with SDXL in half
precision, and a large CPU instance with SD 1.5."""

_OLD: Final = 0.7
"""The weight of what is known beside a new measurement, of a whole job's seconds."""

_CHANGE: Final = 0.25
"""A job that took another time by this part is worth a write at once."""

_UNWRITTEN: Final = 5
"""Measurements that are written together, where none of them is."""

_REMEMBERED: Final = 20
_MOST: Final = 200
"""Pairs of an instance type and a checkpoint that pages are told of."""


class MeasuredJob(NamedTuple):
    """What one job took, loading its models left out."""

    work: float
    """Megapixel steps."""
    megapixels: float
    """Of its images."""
    drawing: float
    rest: float
    """Seconds of the steps, and of the text encoders, the VAE and storing."""

    @property
    def seconds(self) -> float:
        """All of them."""
        return self.drawing + self.rest


class GenerationSpeed(Tolerant):
    """How long a job takes, and what the last estimates were off by.

    Each rate is the median of the last jobs': the first after a start is slower than the others.
    """

    seconds: float = Field(gt=0)
    """For a megapixel step; in the records of older versions with the rest in it."""
    rest: float = Field(default=0, ge=0)
    """For a megapixel of the images, beside the steps."""
    job_seconds: float = Field(default=0, ge=0)
    """Of a whole job, on average; 0 in the records of older versions."""
    step_rates: tuple[float, ...] = ()
    rest_rates: tuple[float, ...] = ()
    """Of the last jobs, the latest last."""
    errors: tuple[float, ...] = ()
    """Of the last estimates, the latest last, each as a share of what the job took."""

    @property
    def error(self) -> float | None:
        """The median of them; None where none was compared."""
        return median(self.errors) if self.errors else None

    def time(self, work: Workload) -> float:
        """Seconds that a job takes."""
        return self.seconds * work.megapixel_steps + self.rest * work.megapixels

    def off_by(self, job: MeasuredJob) -> float:
        """What the estimate of this job was off by, as a share of what it took."""
        estimate = self.seconds * job.work + self.rest * job.megapixels
        return abs(estimate - job.seconds) / job.seconds

    def with_job(self, job: MeasuredJob) -> Self:
        """The same after one more job: how far the estimate was off counts, and then it moves."""
        steps = (*self.step_rates, job.drawing / job.work)[-_REMEMBERED:]
        rests = (*self.rest_rates, job.rest / job.megapixels)[-_REMEMBERED:]
        whole = self.job_seconds or job.seconds
        return self.model_copy(
            update={
                "seconds": median(steps),
                "rest": median(rests),
                "job_seconds": _OLD * whole + (1 - _OLD) * job.seconds,
                "step_rates": steps,
                "rest_rates": rests,
                "errors": (*self.errors, round(self.off_by(job), 3))[-_REMEMBERED:],
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
        self._unwritten: defaultdict[tuple[str, str], list[MeasuredJob]] = defaultdict(list)
        """Jobs that the record does not know of."""

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
        known: of an upscale job, and on this machine before the first measurement. Raises
        AwsError."""
        if request.mode is Mode.UPSCALE or not request.checkpoint:
            return 0
        work = workload(request, request.mode, request.image_count, len(request.controlnets))
        speed = self._speed(instance_type, request.checkpoint)
        return speed.time(work) if speed else 0

    def measure(
        self, instance_type: str, checkpoint: str, steps: int, result: GenerationResult
    ) -> None:
        """Learn from a job that ended. Raises AwsError."""
        job = measured_job(steps, result)
        if not (checkpoint and job):
            return
        key = (instance_type, checkpoint)
        with self._lock:
            known = self._known.get(key)
            self._unwritten[key].append(job)
            if known:
                self._known[key] = known.with_job(job)
            is_close = known and known.off_by(job) < _CHANGE
            if is_close and len(self._unwritten[key]) < _UNWRITTEN:
                return
            jobs = self._unwritten.pop(key)
        self._write(key, jobs)

    def _write(self, key: tuple[str, str], jobs: Sequence[MeasuredJob]) -> None:
        def change(kept: GenerationSpeed | None) -> GenerationSpeed:
            speed, rest = (kept, jobs) if kept else (_speed_of(jobs[0]), jobs[1:])
            for job in rest:
                speed = speed.with_job(job)
            return speed

        try:
            stored = edit(self._records, SPEEDS, *key, change)
        except Conflict as error:  # the next job tells as much
            log.info("event=speed_not_kept type=%s error=%s", key[0], error)
            return
        if stored:
            with self._lock:
                self._known[key] = stored

    def _speed(self, instance_type: str, checkpoint: str) -> GenerationSpeed | None:
        """What was measured, else what such an instance takes; None where nothing is known."""
        found = self._records.get(SPEEDS, instance_type, checkpoint)
        if found:
            return found.value
        if self._embedded:
            return None
        return GenerationSpeed(seconds=_ON_GPU if is_gpu(instance_type) else _ON_CPU)


def measured_job(steps: int, result: GenerationResult) -> MeasuredJob | None:
    """What a job took; None for one without images, steps or seconds."""
    work = workload_of_result(steps, result)
    drawing = result.seconds.get(_STEPS, 0.0)
    if work is None or not work.megapixel_steps or drawing <= 0:
        return None
    rest = sum(s for stage, s in result.seconds.items() if stage not in (*_ONCE, _STEPS))
    return MeasuredJob(work.megapixel_steps, work.megapixels, drawing, rest)


def _speed_of(job: MeasuredJob) -> GenerationSpeed:
    """What a first job tells; there was no estimate that could be off."""
    steps, rest = job.drawing / job.work, job.rest / job.megapixels
    return GenerationSpeed(
        seconds=steps, rest=rest, job_seconds=job.seconds, step_rates=(steps,), rest_rates=(rest,)
    )
