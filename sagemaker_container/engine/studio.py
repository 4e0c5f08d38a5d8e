"""Does the jobs of one order, from their files to the stored results: the whole of the engine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from formats.request import GenerationRequest
from sagemaker_container.engine.batches import paint
from sagemaker_container.engine.job_run import JobRun, Ready
from sagemaker_container.engine.monitor import Line
from sagemaker_container.engine.tools import Tools
from sagemaker_container.engine.upscale_run import upscale
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
        ready = [(run, made) for run in runs if (made := _prepared(run))]
        for alike in _alike(ready):
            paint(alike)


def _prepared(run: JobRun) -> Ready | None:
    """A job that can be drawn; one that only enlarges is done at once."""
    with run.ending():
        if run.request.upscale is None:
            return run.prepare()
        upscale(run, run.request.upscale)
    return None


def _alike(ready: Sequence[tuple[JobRun, Ready]]) -> Iterator[list[tuple[JobRun, Ready]]]:
    """Jobs whose prompts have as many chunks: another length would be another picture."""
    groups: dict[tuple[int, ...], list[tuple[JobRun, Ready]]] = {}
    for run, made in ready:
        lengths = tuple(one.prompts.length for one in made.drawings.all)
        groups.setdefault(lengths, []).append((run, made))
    yield from groups.values()
