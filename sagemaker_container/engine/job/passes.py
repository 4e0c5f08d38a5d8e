"""Makes one job ready to be drawn: its passes, and what each of its pictures is made from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from transformers import CLIPTokenizer

from formats.generation.fields import ResizeMode
from formats.generation.request import GenerationRequest
from formats.generation.upscaling import Hires
from formats.limits import SIDE_STEP
from formats.models.kinds import Family
from sagemaker_container.engine.control.units import as_map
from sagemaker_container.engine.job.files import JobFiles
from sagemaker_container.engine.job.inpaint import Inpainting
from sagemaker_container.engine.job.model_loader import JobModels
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.latents import AddNote
from sagemaker_container.engine.prompt.encoder import Asked, Encoded, PromptEncoder
from sagemaker_container.engine.sampling.blending import Masked
from sagemaker_container.engine.sampling.denoise import Pass, Row
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan

_MOST_STEPS: Final = 1000
"""Of the way that a second pass makes the end of; samplers have no more."""


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

    def over(self, start: torch.Tensor) -> "Drawing":
        """The same over a picture's latents, 1 x 4 x h x w."""
        return replace(self, start=start)


@dataclass(frozen=True)
class Drawings:
    """A job's passes."""

    first: Drawing
    second: Drawing | None = None
    """The hires fix, over the enlarged picture; None where that is left as it is."""

    @property
    def all(self) -> tuple[Drawing, ...]:
        """Those that there are."""
        return (self.first, self.second) if self.second else (self.first,)


@dataclass(frozen=True)
class Drafter:
    """Knows one job: its request, files and models."""

    request: GenerationRequest
    files: JobFiles
    models: JobModels
    tokenizer: CLIPTokenizer
    check: Callable[[], None]
    note: AddNote = latents.no_note

    def drawings(self) -> Drawings:
        """The job's passes. Raises JobError, and what `check` raises."""
        hires = self.request.hires
        first = self._first()
        if hires is None or not hires.denoising_strength:
            return Drawings(first)
        return Drawings(first, self._second(hires))

    def _first(self) -> Drawing:
        pictures, request = self.files.pictures, self.request
        made = None
        if request.init_image:
            made = max(1, min(int(request.steps * request.denoising_strength), request.steps))
        plan = SamplerPlan(request.sampler, request.schedule, request.steps, made=made)
        return Drawing(
            shared=self._pass(plan, request.width, request.height),
            prompts=self._encoded(request.steps),
            maps=[as_map(picture) for picture in pictures.maps],
            start=self._start(),
            masked=self._masked(pictures.inpainting) if pictures.inpainting else None,
        )

    def _second(self, hires: Hires) -> Drawing:
        """It makes as many steps as are asked for, the last ones of a longer way (A1111
        modules/sd_samplers_common.py, setup_img2img_steps)."""
        request = self.request
        made = hires.steps or request.steps
        steps = min(_MOST_STEPS, int(made / min(hires.denoising_strength, 0.999)))
        sampler, schedule = hires.sampler or request.sampler, hires.schedule or request.schedule
        plan = SamplerPlan(sampler, schedule, steps, made=min(made, steps))
        return Drawing(
            shared=self._pass(plan, *request.size),
            prompts=self._encoded(made, request.steps),
            maps=[as_map(picture) for picture in self.files.pictures.hires_maps],
        )

    def _pass(self, plan: SamplerPlan, width: int, height: int) -> Pass:
        models = self.models
        prediction = models.checkpoint.prediction
        return Pass(
            checkpoint=models.checkpoint,
            vae=models.vae,
            plan=replace(
                plan,
                prediction_type=prediction.kind,
                zero_terminal_snr=prediction.zero_terminal_snr,
                is_xl=models.checkpoint.family is Family.SDXL,
            ),
            cfg_scale=self.request.cfg_scale,
            width=width,
            height=height,
            units=models.units,
        )

    def _encoded(self, steps: int, first_steps: int | None = None) -> Encoded:
        request, models = self.request, self.models
        encoder = PromptEncoder(self.tokenizer, models.checkpoint.text_encoders, models.embeddings)
        prompt, skip = self.files.prompt, request.clip_skip
        asked = Asked(prompt, request.negative_prompt, skip, steps, first_steps)
        return encoder.encode(asked, self.check)

    def _start(self) -> torch.Tensor | None:
        picture, request = self.files.pictures.start, self.request
        if picture is None:
            return None
        start = latents.encode(self.models.vae, picture, self.note)
        if request.resize_mode is ResizeMode.LATENT:
            size = request.height // SIDE_STEP, request.width // SIDE_STEP
            start = torch.nn.functional.interpolate(start, size=size, mode="bilinear")
        return start

    def _masked(self, painted: Inpainting) -> Masked:
        vae = self.models.vae
        picture = latents.encode(vae, painted.start(), self.note)
        mask = painted.latent_mask(*picture.shape[2:]).to(picture.device)
        is_inpainting = self.models.checkpoint.is_inpainting
        kept = latents.encode(vae, painted.kept(), self.note) if is_inpainting else picture
        return Masked(mask, picture, torch.cat([mask, kept], dim=1), painted.content)


def seeds_of(request: GenerationRequest, *, one_at_a_time: bool) -> Iterator[Sequence[Seeds]]:
    """The seeds of each batch. Over all of them the seed counts up, or, where there is a
    variation, the variation seed does (A1111 modules/processing.py)."""
    strength = request.variation_strength
    size = 1 if one_at_a_time else request.batch_size
    seeds = [
        Seeds(request.seed + (0 if strength else i), request.variation_seed + i, strength)
        for i in range(request.image_count)
    ]
    for first in range(0, len(seeds), size):
        yield seeds[first : first + size]
