"""Builds the denoising passes of a job: their settings, prompts, control maps and start latents."""

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
from sagemaker_container.engine.control.units import control_tensor
from sagemaker_container.engine.job.files import JobFiles
from sagemaker_container.engine.job.inpaint import InpaintImage
from sagemaker_container.engine.job.model_loader import JobModels
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.latents import AddNote
from sagemaker_container.engine.prompt.encoder import EncodedPrompts, PromptEncoder, PromptSpec
from sagemaker_container.engine.sampling.blending import MaskedLatents
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan

_MAX_STEPS: Final = 1000
"""Of a second pass's schedule, of which only the end is run; samplers have no more."""


@dataclass(frozen=True)
class DenoisePass:
    """One pass of a job: what it may share with other jobs, and what is its own."""

    denoiser: Denoiser
    prompts: EncodedPrompts
    maps: Sequence[torch.Tensor] = ()
    start: torch.Tensor | None = None
    masked: MaskedLatents | None = None

    def item(self, seeds: Seeds) -> BatchItem:
        """What one image of the job is generated from."""
        return BatchItem(seeds, self.prompts, self.maps, self.start, self.masked)

    def starting_from(self, start: torch.Tensor) -> "DenoisePass":
        """The same pass, started from an image's latents, 1 x 4 x h x w."""
        return replace(self, start=start)


@dataclass(frozen=True)
class JobPasses:
    """A job's passes."""

    first: DenoisePass
    second: DenoisePass | None = None
    """The hires fix; None if there is none, or if it leaves the upscaled image as it is."""

    @property
    def all(self) -> tuple[DenoisePass, ...]:
        """One pass or two."""
        return (self.first, self.second) if self.second else (self.first,)


@dataclass(frozen=True)
class PassBuilder:
    """Builds the passes of one job."""

    request: GenerationRequest
    files: JobFiles
    models: JobModels
    tokenizer: CLIPTokenizer
    check: Callable[[], None]
    add_note: AddNote = latents.no_note

    def build(self) -> JobPasses:
        """The job's passes. Raises JobError, and what `check` raises."""
        hires = self.request.hires
        first = self._first()
        if hires is None or not hires.denoising_strength:
            return JobPasses(first)
        return JobPasses(first, self._second(hires))

    def _first(self) -> DenoisePass:
        images, request = self.files.images, self.request
        last_steps = None
        if request.init_image:
            noised_steps = int(request.steps * request.denoising_strength)
            last_steps = max(1, min(noised_steps, request.steps))
        plan = SamplerPlan(request.sampler, request.schedule, request.steps, last_steps=last_steps)
        return DenoisePass(
            denoiser=self._denoiser(plan, request.width, request.height),
            prompts=self._encode_prompts(request.steps),
            maps=[control_tensor(image) for image in images.maps],
            start=self._start_latents(),
            masked=self._masked_latents(images.inpaint) if images.inpaint else None,
        )

    def _second(self, hires: Hires) -> DenoisePass:
        """It runs as many steps as requested, the last ones of a longer schedule (A1111
        modules/sd_samplers_common.py, setup_img2img_steps)."""
        request = self.request
        run_steps = hires.steps or request.steps
        steps = min(_MAX_STEPS, int(run_steps / min(hires.denoising_strength, 0.999)))
        sampler, schedule = hires.sampler or request.sampler, hires.schedule or request.schedule
        plan = SamplerPlan(sampler, schedule, steps, last_steps=min(run_steps, steps))
        return DenoisePass(
            denoiser=self._denoiser(plan, *request.size),
            prompts=self._encode_prompts(run_steps, request.steps),
            maps=[control_tensor(image) for image in self.files.images.hires_maps],
        )

    def _denoiser(self, plan: SamplerPlan, width: int, height: int) -> Denoiser:
        models = self.models
        prediction = models.checkpoint.prediction
        return Denoiser(
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

    def _encode_prompts(self, steps: int, first_pass_steps: int | None = None) -> EncodedPrompts:
        request, models = self.request, self.models
        encoder = PromptEncoder(self.tokenizer, models.checkpoint.text_encoders, models.embeddings)
        spec = PromptSpec(
            prompt=self.files.prompt,
            negative=request.negative_prompt,
            clip_skip=request.clip_skip,
            steps=steps,
            first_pass_steps=first_pass_steps,
        )
        return encoder.encode(spec, self.check)

    def _start_latents(self) -> torch.Tensor | None:
        image, request = self.files.images.start, self.request
        if image is None:
            return None
        start = latents.encode(self.models.vae, image, self.add_note)
        if request.resize_mode is ResizeMode.LATENT:
            size = request.height // SIDE_STEP, request.width // SIDE_STEP
            start = torch.nn.functional.interpolate(start, size=size, mode="bilinear")
        return start

    def _masked_latents(self, inpaint: InpaintImage) -> MaskedLatents:
        vae = self.models.vae
        image = latents.encode(vae, inpaint.start_image(), self.add_note)
        mask = inpaint.latent_mask(*image.shape[2:]).to(image.device)
        masked = image
        if self.models.checkpoint.is_inpainting:
            masked = latents.encode(vae, inpaint.masked_image(), self.add_note)
        return MaskedLatents(mask, image, torch.cat([mask, masked], dim=1), inpaint.content)


def batch_seeds(request: GenerationRequest, *, one_at_a_time: bool) -> Iterator[Sequence[Seeds]]:
    """The seeds of each batch. From image to image the seed counts up, or the variation seed if
    there is a variation (A1111 modules/processing.py)."""
    strength = request.variation_strength
    size = 1 if one_at_a_time else request.batch_size
    seeds = [
        Seeds(request.seed + (0 if strength else i), request.variation_seed + i, strength)
        for i in range(request.image_count)
    ]
    for first in range(0, len(seeds), size):
        yield seeds[first : first + size]
