"""Runs the passes of jobs that share their batches, and reports each job's progress.

When memory is used up, a batch is run in halves; a single image that doesn't fit fails its job.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import torch

from sagemaker_container.engine.job.outputs import BatchPosition
from sagemaker_container.engine.job.passes import DenoisePass
from sagemaker_container.engine.job.run import JobRun, PreparedJob
from sagemaker_container.engine.memory import run_in_halves
from sagemaker_container.engine.sampling.denoise import BatchItem, OnStep
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.errors import JobCancelled
from sagemaker_container.texts import jobs as texts


@dataclass(frozen=True)
class _BatchImage:
    """One image of a batch, and the job that it belongs to."""

    job: PreparedJob
    seeds: Seeds
    position: BatchPosition

    @property
    def run(self) -> JobRun:
        return self.job.run


def run_batches(
    jobs: Sequence[PreparedJob],
    free_memory: Callable[[], None],
    finish: Callable[[JobRun], None],
) -> None:
    """Run jobs whose passes are the same; each round runs one batch of every job.

    `free_memory` is called when memory is used up, and `finish` with each job whose images were all
    generated. An error ends only the jobs that it concerns.
    Raises BrokenPipeError, EOFError: the front process is gone.
    """
    for number in range(max(len(job.batches) for job in jobs)):
        running = [job for job in jobs if job.run.is_running and number < len(job.batches)]
        if running:
            _Batch(_batch_images(running, number), free_memory).run()
        for job in running:
            if job.run.is_running and number + 1 == len(job.batches):
                finish(job.run)


def _batch_images(jobs: Sequence[PreparedJob], number: int) -> list[_BatchImage]:
    """The images of all jobs' batches of that number."""
    pairs = [(job, seeds) for job in jobs for seeds in job.batches[number]]
    return [
        _BatchImage(job, seeds, BatchPosition(len(pairs), index))
        for index, (job, seeds) in enumerate(pairs)
    ]


@dataclass(frozen=True)
class _Batch:
    """Images that are generated together."""

    images: Sequence[_BatchImage]
    free_memory: Callable[[], None]

    def run(self) -> None:
        """Generate and store the images."""
        try:
            generated = self._generate()
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # it concerns each job of the batch
            for image in _running(self.images):
                with image.run.ending_on_error():
                    raise error
            return
        for image, latent in generated:
            if image.run.is_running:
                with image.run.ending_on_error():
                    image.job.add_image(latent, image.seeds, image.position)

    def _generate(self) -> list[tuple[_BatchImage, torch.Tensor]]:
        """Each image's latent, 4 x h x w, without those of jobs that ended in the meantime."""
        job = self.images[0].job
        items = [image.job.passes.first.item(image.seeds) for image in self.images]
        generated = self._run_pass(self.images, items, job.passes.first)
        if job.hires is None:
            return generated
        starts = [(image, _upscale(image, latent)) for image, latent in generated]
        upscaled = [(image, start) for image, start in starts if start is not None]
        if job.passes.second is None:
            return [(image, start[0]) for image, start in upscaled]
        items = [
            second.starting_from(start).item(image.seeds)
            for image, start in upscaled
            if (second := image.job.passes.second)
        ]
        return self._run_pass([image for image, _ in upscaled], items, job.passes.second)

    def _run_pass(
        self, images: Sequence[_BatchImage], items: Sequence[BatchItem], first: DenoisePass
    ) -> list[tuple[_BatchImage, torch.Tensor]]:
        """Run a pass, in halves if memory is too small for the whole batch.

        `first` is the pass of the first image, and the same for all images in what they share.
        Raises JobCancelled when every job has ended in the meantime.
        """
        denoiser = first.denoiser

        def denoise(part: Sequence[tuple[_BatchImage, BatchItem]]) -> Iterable[torch.Tensor]:
            report = _progress_callback([image for image, _ in part], denoiser.plan.run_steps)

            def on_step(done: int, of: int, now: torch.Tensor) -> None:
                report(done, of, now)
                if not _running(images):
                    raise JobCancelled

            return denoiser.run([item for _, item in part], on_step)

        def restart() -> None:
            self.free_memory()
            for run in _runs(images):
                run.restart_pass()
                run.record.add_note(texts.SMALLER_BATCHES)

        if not images:
            return []
        for run in _runs(images):
            run.begin_pass()
        with _timed(images):
            denoised = run_in_halves(denoise, list(zip(images, items, strict=True)), restart)
        return list(zip(images, denoised, strict=True))


def _upscale(image: _BatchImage, latent: torch.Tensor) -> torch.Tensor | None:
    """The start of the second pass; None if the job has ended in the meantime."""
    hires, run = image.job.hires, image.run
    if hires and run.is_running:
        with run.ending_on_error(), run.record.timed("enlarge"):
            return hires.upscale(latent, run.monitor.check)
    return None


def _progress_callback(images: Sequence[_BatchImage], run_steps: int) -> OnStep:
    """Reports every job's progress, with a preview of the job's first image."""
    first = {id(image.run): index for index, image in reversed(list(enumerate(images)))}

    def on_step(done: int, of: int, now: torch.Tensor) -> None:
        # Second-order samplers call it twice for each of the user's steps.
        steps = round(done * run_steps / of)
        for index in sorted(first.values()):
            job = images[index].job
            if job.run.is_running:
                preview = partial(job.models.latent_preview.render, now[index : index + 1])
                with job.run.ending_on_error():
                    job.run.report_steps(steps, job.steps, preview)

    return on_step


def _runs(images: Sequence[_BatchImage]) -> Collection[JobRun]:
    """The run of each job, once."""
    return {id(image.run): image.run for image in images}.values()


def _running(images: Sequence[_BatchImage]) -> list[_BatchImage]:
    return [image for image in images if image.run.is_running]


@contextmanager
def _timed(images: Sequence[_BatchImage]) -> Iterator[None]:
    """A pass's whole duration counts for each of its jobs."""
    with ExitStack() as stack:
        for run in _runs(images):
            stack.enter_context(run.record.timed("draw"))
        yield
        images[0].run.record.device.synchronize()  # else the next stage waits for this one's work
