"""The messages between the front process and its worker, which pass through their pipe."""

from dataclasses import dataclass

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult


@dataclass(frozen=True)
class RunJobs:
    """To the worker: run these jobs together, and answer `JobFinished` for each."""

    requests: tuple[GenerationRequest, ...]


@dataclass(frozen=True)
class CancelJob:
    """To the worker: stop this job at the next step."""

    job_id: str


@dataclass(frozen=True)
class PrefetchInputs:
    """To the worker: these jobs are next; fetch their model files and images in the meantime."""

    requests: tuple[GenerationRequest, ...]


@dataclass(frozen=True)
class StopWorker:
    """To the worker: exit when no job is running."""


@dataclass(frozen=True)
class WorkerReady:
    """From the worker: the libraries are imported, jobs can be sent."""

    device: str


@dataclass(frozen=True)
class ProgressUpdate:
    """From the worker: a job is at `step` of `steps`, counted over all its images."""

    job_id: str
    stage: Stage
    step: int = 0
    steps: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    """Of the model files that are downloaded for it."""


@dataclass(frozen=True)
class PreviewUpdate:
    """From the worker: a small image of what a job has denoised so far."""

    job_id: str
    webp: bytes


@dataclass(frozen=True)
class WorkerFree:
    """From the worker, once for each `RunJobs`: the next jobs may be sent. The images of the last
    ones may still be on their way to S3."""


@dataclass(frozen=True)
class JobFinished:
    """From the worker: how a job ended; its images are stored."""

    result: GenerationResult


@dataclass(frozen=True)
class MemoryReport:
    """From the worker, when it is ready and after each job: the memory in use, in bytes."""

    worker: int
    """Of the host, by the worker."""
    gpu_used: int = 0
    gpu_total: int = 0
    """0 without a GPU."""
    gpu_peak: int = 0
    """Most that the last jobs allocated."""


@dataclass(frozen=True)
class CachedModels:
    """From the worker, when it is ready and after each job: the model files that it holds, by
    sha256; of many the most recently used."""

    in_memory: tuple[str, ...] = ()
    on_disk: tuple[str, ...] = ()


WorkerCommand = RunJobs | CancelJob | PrefetchInputs | StopWorker
WorkerEvent = (
    WorkerReady
    | ProgressUpdate
    | PreviewUpdate
    | WorkerFree
    | JobFinished
    | MemoryReport
    | CachedModels
)
