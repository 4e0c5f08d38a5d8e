"""Does the jobs of one order, from their files to the stored results: the whole of the engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from formats.generation.request import GenerationRequest
from sagemaker_container.engine.job.batch import Job, paint
from sagemaker_container.engine.job.run import JobRun
from sagemaker_container.engine.job.upscale import upscale
from sagemaker_container.engine.monitor import Line
from sagemaker_container.engine.tools import Tools
from sagemaker_container.settings import Settings


@dataclass(frozen=True)
class Studio:
    """Draws one order after the other."""

    tools: Tools

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Build it from settings. Raises RuntimeError for a device that isn't there."""
        return cls(Tools.open(settings))

    def draw(self, requests: Sequence[GenerationRequest], line: Line) -> None:
        """Do all jobs, those that can be together; each ends with a `Finished` on the line.

        The jobs have the same `formats.batching.batch_key`, or there is only one. Raises
        BrokenPipeError, EOFError: the front process is gone.
        """
        self.tools.device.begin_job()
        runs = [JobRun(self.tools, request, line) for request in requests]
        while runs:
            ready, runs = _prepared(runs)
            for alike in _alike(ready):
                paint(alike, self.tools.shelf.caches.drop_idle)


def _prepared(runs: Sequence[JobRun]) -> tuple[list[Job], list[JobRun]]:
    """Jobs that can be drawn by the same weights, and those that have to wait.

    A file may be replaced in S3 between two jobs' looks at it, and there is one place for a
    checkpoint on the device: nothing else is loaded before those that are ready are drawn.
    """
    ready: list[Job] = []
    waiting: list[JobRun] = []
    for run in runs:
        with run.ending():
            if run.request.upscale is not None:
                upscale(run, run.request.upscale)
                continue
            files = run.fetch()
            if ready and files.networks != ready[0][1].files.networks:
                waiting.append(run)
            else:
                ready.append((run, run.prepare(files)))
    return ready, waiting


def _alike(ready: Sequence[Job]) -> Iterator[list[Job]]:
    """Jobs whose prompts have as many chunks: another length would be another picture."""
    groups: dict[tuple[int, ...], list[Job]] = {}
    for run, made in ready:
        lengths = tuple(one.prompts.length for one in made.drawings.all)
        groups.setdefault(lengths, []).append((run, made))
    yield from groups.values()
