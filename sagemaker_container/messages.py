"""Owns what the front process and its worker say to each other through their pipe."""

from dataclasses import dataclass

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult


@dataclass(frozen=True)
class Draw:
    """To the worker: make these jobs' pictures, together, then answer `Finished` for each."""

    requests: tuple[GenerationRequest, ...]


@dataclass(frozen=True)
class Cancel:
    """To the worker: stop this job at the next step."""

    job_id: str


@dataclass(frozen=True)
class Prefetch:
    """To the worker: this job is next; bring its files to the disk meanwhile."""

    request: GenerationRequest


@dataclass(frozen=True)
class Stop:
    """To the worker: end when nothing is running."""


@dataclass(frozen=True)
class Ready:
    """From the worker: libraries are imported, jobs can come."""

    device: str


@dataclass(frozen=True)
class Working:
    """From the worker: where a job stands, `step` of `steps` over all its pictures."""

    job_id: str
    stage: Stage
    step: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Preview:
    """From the worker: a small picture of a job's work so far."""

    job_id: str
    webp: bytes


@dataclass(frozen=True)
class Finished:
    """From the worker: how a job ended; its pictures are stored."""

    result: GenerationResult


Order = Draw | Cancel | Prefetch | Stop
Report = Ready | Working | Preview | Finished
