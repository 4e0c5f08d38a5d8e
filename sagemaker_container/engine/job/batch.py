"""Draws the pictures of jobs that share their passes, batch by batch, and tells how far each is.

Where memory runs out, a batch is drawn in halves; a picture alone that doesn't fit fails.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import torch

from sagemaker_container.engine.job.outputs import Seat
from sagemaker_container.engine.job.passes import Drawing
from sagemaker_container.engine.job.run import JobRun, Ready
from sagemaker_container.engine.memory import run_in_halves
from sagemaker_container.engine.sampling.denoise import OnStep, Pass, Row
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.errors import JobCancelled

IN_HALVES: Final = "For want of memory the pictures of a batch were drawn in smaller batches."


@dataclass(frozen=True)
class _Sitter:
    """One picture of a batch, and the job it belongs to."""

    ready: Ready
    seeds: Seeds
    seat: Seat

    @property
    def run(self) -> JobRun:
        """The job's way through the worker."""
        return self.ready.run


def paint(jobs: Sequence[Ready], release: Callable[[], None]) -> None:
    """Draw, store and end jobs whose passes are the same; each round takes a batch of each job.

    `release` gives memory back where it is full. How a job ends is its own matter. Raises
    BrokenPipeError, EOFError: the front process is gone.
    """
    for number in range(max(len(ready.batches) for ready in jobs)):
        sitters = _seated(
            (ready, seeds)
            for ready in jobs
            if ready.run.is_open and number < len(ready.batches)
            for seeds in ready.batches[number]
        )
        if sitters:
            _paint_batch(sitters, release)
        for ready in jobs:
            if ready.run.is_open and number + 1 == len(ready.batches):
                with ready.run.ending():
                    ready.run.finish()


def _seated(found: Iterable[tuple[Ready, Seeds]]) -> list[_Sitter]:
    places = list(found)
    return [_Sitter(*one, Seat(len(places), number)) for number, one in enumerate(places)]


def _paint_batch(sitters: Sequence[_Sitter], release: Callable[[], None]) -> None:
    try:
        drawn = _draw(sitters, release)
    except (BrokenPipeError, EOFError):
        raise
    except Exception as error:  # what befalls a batch befalls each of its jobs
        for sitter in _open(sitters):
            with sitter.run.ending():
                raise error
        return
    for sitter, latent in drawn:
        if sitter.run.is_open:
            with sitter.run.ending():
                sitter.run.add(sitter.ready, latent, sitter.seeds, sitter.seat)


def _draw(
    sitters: Sequence[_Sitter], release: Callable[[], None]
) -> list[tuple[_Sitter, torch.Tensor]]:
    """Each picture's finished latent, 4 x h x w, but those of jobs that ended meanwhile."""
    rows = [sitter.ready.drawings.first.row(sitter.seeds) for sitter in sitters]
    drawn = _pass(sitters, rows, sitters[0].ready.drawings.first, release)
    if sitters[0].ready.hires is None:
        return drawn
    starts = [(sitter, _enlarged(sitter, latent)) for sitter, latent in drawn]
    larger = [(sitter, start) for sitter, start in starts if start is not None]
    second = sitters[0].ready.drawings.second
    if second is None:
        return [(sitter, start[0]) for sitter, start in larger]
    over = [
        own.over(start).row(sitter.seeds)
        for sitter, start in larger
        if (own := sitter.ready.drawings.second)
    ]
    return _pass([sitter for sitter, _ in larger], over, second, release)


def _enlarged(sitter: _Sitter, latent: torch.Tensor) -> torch.Tensor | None:
    """The start of the second pass; None where the job ended meanwhile."""
    hires, run = sitter.ready.hires, sitter.run
    if hires and run.is_open:
        with run.ending(), run.record.timed("enlarge"):
            return hires.enlarged(latent, run.monitor.check)
    return None


def _pass(
    sitters: Sequence[_Sitter],
    rows: Sequence[Row],
    drawing: Drawing,
    release: Callable[[], None],
) -> list[tuple[_Sitter, torch.Tensor]]:
    """Run a pass; in halves where memory is too small for all of it at once.

    Raises JobCancelled when every job has ended meanwhile.
    """
    shared, pairs = drawing.shared, list(zip(sitters, rows, strict=True))

    def draw(part: Sequence[tuple[_Sitter, Row]]) -> Iterable[torch.Tensor]:
        telling = _telling([sitter for sitter, _ in part], shared)

        def on_step(done: int, of: int, now: torch.Tensor) -> None:
            telling(done, of, now)
            if not _open(sitters):
                raise JobCancelled

        return shared.latents([row for _, row in part], on_step)

    def restart() -> None:
        release()
        for run in _runs(sitters):
            run.restart_pass()
            run.record.note(IN_HALVES)

    if not sitters:
        return []
    for run in _runs(sitters):
        run.begin_pass()
    with _timed(sitters):
        drawn = run_in_halves(draw, pairs, restart)
    return list(zip(sitters, drawn, strict=True))


def _telling(sitters: Sequence[_Sitter], shared: Pass) -> OnStep:
    """Tells every job of these pictures how far it is."""
    firsts = {id(sitter.run): number for number, sitter in reversed(list(enumerate(sitters)))}

    def on_step(done: int, of: int, now: torch.Tensor) -> None:
        # Second-order samplers call twice a step; the user counts steps.
        steps = round(done * shared.plan.count / of)
        for number in sorted(firsts.values()):
            sitter = sitters[number]
            if sitter.run.is_open:
                preview = partial(sitter.ready.models.colours.preview, now[number : number + 1])
                with sitter.run.ending():
                    sitter.run.report_steps(steps, sitter.ready.steps, preview)

    return on_step


def _runs(sitters: Sequence[_Sitter]) -> Collection[JobRun]:
    """Each job of these pictures once."""
    return {id(sitter.run): sitter.run for sitter in sitters}.values()


def _open(sitters: Sequence[_Sitter]) -> list[_Sitter]:
    return [sitter for sitter in sitters if sitter.run.is_open]


@contextmanager
def _timed(sitters: Sequence[_Sitter]) -> Iterator[None]:
    """The whole time of a pass is that of each of its jobs."""
    with ExitStack() as stack:
        for run in _runs(sitters):
            stack.enter_context(run.record.timed("draw"))
        yield
