"""Draws a job's pictures batch by batch, tells how far it is, and decodes them."""

from collections.abc import Iterator

import torch
from PIL import Image

from formats.progress import Stage
from formats.request import GenerationRequest
from sagemaker_container.engine import latents
from sagemaker_container.engine.drawing import Drawing, seeds_of
from sagemaker_container.engine.monitor import Monitor
from sagemaker_container.engine.noise import Seeds
from sagemaker_container.engine.preview import LatentColours
from sagemaker_container.engine.record import Record


def draw_pictures(
    drawing: Drawing,
    request: GenerationRequest,
    colours: LatentColours,
    monitor: Monitor,
    record: Record,
) -> Iterator[tuple[Image.Image, Seeds]]:
    """Each picture with its seeds, in order. Raises JobCancelled, JobError."""
    shared = drawing.shared
    plan = shared.plan
    batches = list(seeds_of(request, one_at_a_time=plan.one_at_a_time))
    steps = plan.count * len(batches)
    monitor.stage(Stage.DRAWING, steps)
    for number, seeds in enumerate(batches):

        def on_step(done: int, of: int, now: torch.Tensor, before: int = number) -> None:
            # Second-order samplers call twice a step; the user counts steps.
            made = before * plan.count + round(done * plan.count / of)
            monitor.step(made, steps, lambda: colours.preview(now))

        with record.timed("draw"):
            batch = shared.latents([drawing.row(one) for one in seeds], on_step)
        for latent, one in zip(batch, seeds, strict=True):
            with record.timed("decode"):
                image = latents.decode(shared.vae, latent)
                colours.learn(latent, image)
            yield image, one
            monitor.check()
