"""Makes one job ready to be drawn: its passes, and what each of its pictures is made from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from transformers import CLIPTokenizer

from formats.fields import ResizeMode
from formats.limits import SIDE_STEP
from formats.request import GenerationRequest
from sagemaker_container.engine import latents
from sagemaker_container.engine.blending import Masked
from sagemaker_container.engine.control_units import as_map
from sagemaker_container.engine.inpainting import Inpainting
from sagemaker_container.engine.job_files import JobFiles
from sagemaker_container.engine.noise import Seeds
from sagemaker_container.engine.prompt_encoder import Asked, Encoded, PromptEncoder
from sagemaker_container.engine.samplers import SamplerPlan
from sagemaker_container.engine.sampling import Pass, Row
from sagemaker_container.engine.shelf import JobModels


@dataclass(frozen=True)
class Drawing:
    """One pass of one job: what it shares with others, and what is its own."""

    shared: Pass
    prompts: Encoded
    maps: Sequence[torch.Tensor] = ()
    start: torch.Tensor | None = None
    masked: Masked | None = None

    def row(self, seeds: Seeds) -> Row:
        """What one picture of it is made from."""
        return Row(seeds, self.prompts, self.maps, self.start, self.masked)


def first_pass(
    request: GenerationRequest,
    files: JobFiles,
    models: JobModels,
    tokenizer: CLIPTokenizer,
    check: Callable[[], None],
) -> Drawing:
    """A job's only pass, or the first one of two. Raises JobError."""
    plan = sampler_plan(request, models)
    encoder = PromptEncoder(tokenizer, models.checkpoint.text_encoders, models.embeddings)
    asked = Asked(files.prompt, request.negative_prompt, request.clip_skip, request.steps)
    pictures = files.pictures
    return Drawing(
        shared=Pass(
            checkpoint=models.checkpoint,
            vae=models.vae,
            plan=plan,
            cfg_scale=request.cfg_scale,
            width=request.width,
            height=request.height,
            units=models.units,
        ),
        prompts=encoder.encode(asked, check),
        maps=[as_map(picture) for picture in pictures.maps],
        start=_start(request, files, models),
        masked=masked_latents(pictures.inpainting, models) if pictures.inpainting else None,
    )


def sampler_plan(request: GenerationRequest, models: JobModels) -> SamplerPlan:
    """How the first pass samples; from a picture it skips the first steps."""
    prediction = models.checkpoint.prediction
    made = None
    if request.init_image:
        made = max(1, min(int(request.steps * request.denoising_strength), request.steps))
    return SamplerPlan(
        request.sampler,
        request.schedule,
        request.steps,
        prediction.kind,
        prediction.zero_terminal_snr,
        made,
    )


def _start(request: GenerationRequest, files: JobFiles, models: JobModels) -> torch.Tensor | None:
    picture = files.pictures.start
    if picture is None:
        return None
    start = latents.encode(models.vae, picture)
    if request.resize_mode is ResizeMode.LATENT:
        size = request.height // SIDE_STEP, request.width // SIDE_STEP
        start = torch.nn.functional.interpolate(start, size=size, mode="bilinear")
    return start


def masked_latents(painted: Inpainting, models: JobModels) -> Masked:
    """An inpaint job's pictures as latents, on the device."""
    picture = latents.encode(models.vae, painted.start())
    mask = painted.latent_mask(*picture.shape[2:]).to(picture.device)
    kept = latents.encode(models.vae, painted.kept()) if models.checkpoint.inpaints else picture
    return Masked(mask, picture, torch.cat([mask, kept], dim=1), painted.content)


def seeds_of(request: GenerationRequest, *, one_at_a_time: bool) -> Iterator[Sequence[Seeds]]:
    """The seeds of each batch. Over all of them the seed counts up, or, where there is a
    variation, the variation seed does (A1111 modules/processing.py)."""
    strength = request.variation_strength
    size = 1 if one_at_a_time else request.batch_size
    seeds = [
        Seeds(request.seed + (0 if strength else i), request.variation_seed + i, strength)
        for i in range(request.pictures)
    ]
    for first in range(0, len(seeds), size):
        yield seeds[first : first + size]
