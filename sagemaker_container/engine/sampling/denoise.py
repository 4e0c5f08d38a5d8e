"""Denoises one batch of latents: start noise, then a step of the sampler for each timestep.

The loop is that of diffusers' pipelines, and its latents are theirs bit for bit (the tests
compare). The pipelines can't be used, because here each image of a batch has a mask, a noise and
prompts of its own, and the prompts may change from step to step.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import AutoencoderKL

from formats.limits import SIDE_STEP
from formats.models.kinds import Family
from sagemaker_container.engine.control.units import ControlNetRunner, LoadedUnit
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.latents import full_mask
from sagemaker_container.engine.prompt.conditioning import Conditioner, Conditioning
from sagemaker_container.engine.prompt.encoder import EncodedPrompts
from sagemaker_container.engine.sampling.blending import MaskBlending, MaskedLatents
from sagemaker_container.engine.sampling.noise import Seeds, start_noise
from sagemaker_container.engine.sampling.schedulers import SamplerPlan

OnStep = Callable[[int, int, torch.Tensor], None]
"""Called after each step with its number from 1, the number of steps, and the latents."""

_LATENT_CHANNELS: Final = 4


@dataclass(frozen=True)
class BatchItem:
    """What one image of a batch is generated from."""

    seeds: Seeds
    prompts: EncodedPrompts
    maps: Sequence[torch.Tensor] = ()
    """One control map for each ControlNet unit, 1 x 3 x height x width."""
    start: torch.Tensor | None = None
    """Latents of the image to start from, 1 x 4 x h x w."""
    masked: MaskedLatents | None = None
    """Instead of `start`, if a part of an image is inpainted."""


@dataclass(frozen=True)
class Denoiser:
    """Denoises batches; it holds everything that the images of a batch share."""

    checkpoint: Checkpoint
    vae: AutoencoderKL
    plan: SamplerPlan
    cfg_scale: float
    width: int
    height: int
    units: Sequence[LoadedUnit] = ()

    def run(self, items: Sequence[BatchItem], on_step: OnStep) -> torch.Tensor:
        """Denoised latents, one for each item, float32.

        Either all items start from an image, or none does.
        """
        with torch.no_grad():
            return _DenoisingLoop(self, items).run(on_step)

    @property
    def latent_size(self) -> tuple[int, int]:
        """Height and width of the latents."""
        return self.height // SIDE_STEP, self.width // SIDE_STEP

    def time_ids(self) -> torch.Tensor | None:
        """SDXL's sizes: the original size, the crop's offset, and the target size."""
        if self.checkpoint.family is not Family.SDXL:
            return None
        size = [self.height, self.width]
        like = self.checkpoint.unet
        return torch.tensor([[*size, 0, 0, *size]], device=like.device, dtype=like.dtype)


class _DenoisingLoop:
    """One batch. Latents are float32; what networks read has the networks' type."""

    def __init__(self, denoiser: Denoiser, items: Sequence[BatchItem]) -> None:
        unet = denoiser.checkpoint.unet
        self._denoiser = denoiser
        self._unet = unet
        self._scheduler = denoiser.plan.scheduler(items[0].seeds.seed)
        self._timesteps = denoiser.plan.timesteps(self._scheduler, unet.device)
        self._generators = [item.seeds.generator() for item in items]
        shape = _LATENT_CHANNELS, *denoiser.latent_size
        noise = start_noise([item.seeds for item in items], self._generators, shape)
        self._noise = noise.to(unet.device)
        prompts = [item.prompts for item in items]
        self._conditioner = Conditioner(prompts, denoiser.cfg_scale, denoiser.time_ids())
        maps = [torch.cat(unit) for unit in zip(*(item.maps for item in items), strict=True)]
        self._controlnets = ControlNetRunner(denoiser.units, maps)
        masked = [item.masked for item in items if item.masked]
        self._blending = MaskBlending(masked, self._noise) if masked else None
        is_inpainting = denoiser.checkpoint.is_inpainting
        self._inpaint_channels = self._stack_inpaint_channels(items) if is_inpainting else None
        self._items = items

    def _stack_inpaint_channels(self, items: Sequence[BatchItem]) -> torch.Tensor:
        """What an inpainting UNet reads beside the latents, images x 5 x h x w."""
        default = None
        if not all(item.masked for item in items):
            default = full_mask(self._denoiser.vae, *self._denoiser.latent_size)
        channels = [item.masked.unet_channels if item.masked else default for item in items]
        return torch.cat([one for one in channels if one is not None])

    def run(self, on_step: OnStep) -> torch.Tensor:
        latents = self._start()
        options = self._step_options()
        count = len(self._timesteps)
        for index, timestep in enumerate(self._timesteps):
            noise = self._predict_noise(latents, timestep, index)
            step = self._scheduler.step(noise, timestep, latents, **options, return_dict=False)
            latents = step[0]
            if self._blending:
                next_timestep = self._timesteps[index + 1] if index + 1 < count else None
                latents = self._blending.blend(self._scheduler, latents, next_timestep)
            on_step(index + 1, count, latents)
        return latents

    def _start(self) -> torch.Tensor:
        starts = [self._start_of(item, number) for number, item in enumerate(self._items)]
        if not all(start is not None for start in starts):
            return self._noise * self._scheduler.init_noise_sigma
        timesteps = self._timesteps[:1].expand(len(starts))
        images = torch.cat([start for start in starts if start is not None])
        noised: torch.Tensor = self._scheduler.add_noise(images, self._noise, timesteps)
        return noised

    def _start_of(self, item: BatchItem, number: int) -> torch.Tensor | None:
        if item.masked:
            return item.masked.start_latents(self._noise[number : number + 1])
        return item.start

    def _predict_noise(self, latents: torch.Tensor, timestep: Any, index: int) -> torch.Tensor:
        """The UNet's prediction, guided by the prompts."""
        conditioning = self._conditioner.at_step(index // self._scheduler.order)
        scaled = self._scheduler.scale_model_input(conditioning.expand(latents), timestep)
        sample = scaled.to(conditioning.hidden_states.dtype)
        residuals = self._controlnets.residuals(
            sample, timestep, conditioning, index, len(self._timesteps)
        )
        predicted = self._unet(
            self._with_inpaint_channels(sample, conditioning),
            timestep,
            encoder_hidden_states=conditioning.hidden_states,
            added_cond_kwargs=conditioning.added_cond,
            return_dict=False,
            **residuals,
        )[0]
        return conditioning.apply_cfg(predicted.float())

    def _with_inpaint_channels(
        self, sample: torch.Tensor, conditioning: Conditioning
    ) -> torch.Tensor:
        if self._inpaint_channels is None:
            return sample
        channels = conditioning.expand(self._inpaint_channels).to(sample.dtype)
        return torch.cat([sample, channels], dim=1)

    def _step_options(self) -> dict[str, Any]:
        """Schedulers that add noise take it from the images' own generators."""
        parameters = inspect.signature(self._scheduler.step).parameters
        return {"generator": self._generators} if "generator" in parameters else {}
