"""Draws a job's pictures batch by batch, tells how far it is, and decodes them."""

from collections.abc import Iterator, Sequence

import torch
from PIL import Image

from formats.progress import Stage
from formats.request import GenerationRequest
from sagemaker_container.engine import latents
from sagemaker_container.engine.drawing import Drawing
from sagemaker_container.engine.monitor import Monitor
from sagemaker_container.engine.record import Record


def draw_pictures(
    drawing: Drawing, request: GenerationRequest, monitor: Monitor, record: Record
) -> Iterator[tuple[Image.Image, int]]:
    """Each picture with its seed, in order. Raises JobCancelled, JobError."""
    batches = list(seeds_of(request, one_at_a_time=drawing.plan.one_at_a_time))
    steps = drawing.steps * len(batches)
    monitor.stage(Stage.DRAWING, steps)
    for number, seeds in enumerate(batches):

        def on_step(done: int, of: int, now: torch.Tensor, before: int = number) -> None:
            # Second-order samplers call twice a step; the user counts steps.
            made = before * drawing.steps + round(done * drawing.steps / of)
            monitor.step(made, steps, lambda: drawing.colours.preview(now))

        with record.timed("draw"):
            batch = drawing.latents(seeds, on_step)
        for latent, seed in zip(batch, seeds, strict=True):
            with record.timed("decode"):
                image = latents.decode(drawing.vae, latent)
                drawing.colours.learn(latent, image)
            yield image, seed
            monitor.check()


def seeds_of(request: GenerationRequest, *, one_at_a_time: bool) -> Iterator[Sequence[int]]:
    """Seeds of each batch: seed, seed + 1, ... over all of them (A1111 modules/processing.py)."""
    seeds = range(request.seed, request.seed + request.pictures)
    size = 1 if one_at_a_time else request.batch_size
    for first in range(0, len(seeds), size):
        yield seeds[first : first + size]
