"""Draws one batch of pictures: noise, then a step of the sampler for each timestep.

The loop is that of diffusers' pipelines, and gives their latents bit for bit (the tests compare).
It is our own because every picture of a batch has prompts that may change from step to step,
a mask and a noise of its own, which the pipelines have no place for.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import AutoencoderKL

from formats.limits import SIDE_STEP
from formats.models.kinds import Family
from sagemaker_container.engine.control.units import ControlUnits, Unit
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.latents import full_mask
from sagemaker_container.engine.prompt.conditioning import Conditions, Prompter
from sagemaker_container.engine.prompt.encoder import Encoded
from sagemaker_container.engine.sampling.blending import Blending, Masked
from sagemaker_container.engine.sampling.noise import Seeds, first_noise
from sagemaker_container.engine.sampling.schedulers import SamplerPlan

OnStep = Callable[[int, int, torch.Tensor], None]
"""Called after each step with its number from 1, the number of steps, and the latents."""

_CHANNELS: Final = 4


@dataclass(frozen=True)
class Row:
    """One picture of a batch."""

    seeds: Seeds
    prompts: Encoded
    maps: Sequence[torch.Tensor] = ()
    """One for each ControlNet unit, 1 x 3 x height x width."""
    start: torch.Tensor | None = None
    """Latents of the picture to start from, 1 x 4 x h x w."""
    masked: Masked | None = None
    """In its place, where only a part is drawn anew."""


@dataclass(frozen=True)
class Pass:
    """Everything that the pictures of a batch share."""

    checkpoint: Checkpoint
    vae: AutoencoderKL
    plan: SamplerPlan
    cfg_scale: float
    width: int
    height: int
    units: Sequence[Unit] = ()

    def latents(self, rows: Sequence[Row], on_step: OnStep) -> torch.Tensor:
        """Finished latents, one of each row, float32; all start from a picture, or none does."""
        with torch.no_grad():
            return _Run(self, rows).latents(on_step)

    @property
    def latent_size(self) -> tuple[int, int]:
        """Height and width of the latents."""
        return self.height // SIDE_STEP, self.width // SIDE_STEP

    def time_ids(self) -> torch.Tensor | None:
        """SDXL's sizes: of the original, of what was cut off, and of the picture."""
        if self.checkpoint.family is not Family.SDXL:
            return None
        size = [self.height, self.width]
        like = self.checkpoint.unet
        return torch.tensor([[*size, 0, 0, *size]], device=like.device, dtype=like.dtype)


class _Run:
    """One run of a pass. Tensors of pictures are float32, what networks read has their type."""

    def __init__(self, shared: Pass, rows: Sequence[Row]) -> None:
        unet = shared.checkpoint.unet
        self._pass = shared
        self._unet = unet
        self._scheduler = shared.plan.scheduler(rows[0].seeds.seed)
        self._timesteps = shared.plan.timesteps(self._scheduler, unet.device)
        self._sources = [row.seeds.generator() for row in rows]
        shape = _CHANNELS, *shared.latent_size
        self._noise = first_noise([r.seeds for r in rows], self._sources, shape).to(unet.device)
        self._prompter = Prompter([r.prompts for r in rows], shared.cfg_scale, shared.time_ids())
        maps = [torch.cat(unit) for unit in zip(*(row.maps for row in rows), strict=True)]
        self._controls = ControlUnits(shared.units, maps)
        masked = [row.masked for row in rows if row.masked]
        self._blending = Blending(masked, self._noise) if masked else None
        self._shown = self._seen(rows) if shared.checkpoint.is_inpainting else None
        self._rows = rows

    def _seen(self, rows: Sequence[Row]) -> torch.Tensor:
        """What an inpainting UNet reads besides, pictures x 5 x h x w."""
        whole = None
        if not all(row.masked for row in rows):
            whole = full_mask(self._pass.vae, *self._pass.latent_size)
        shown = [row.masked.shown if row.masked else whole for row in rows]
        return torch.cat([one for one in shown if one is not None])

    def latents(self, on_step: OnStep) -> torch.Tensor:
        latents = self._start()
        extra = self._extra()
        count = len(self._timesteps)
        for index, timestep in enumerate(self._timesteps):
            noise = self._predicted(latents, timestep, index)
            latents = self._scheduler.step(noise, timestep, latents, **extra, return_dict=False)[0]
            if self._blending:
                following = self._timesteps[index + 1] if index + 1 < count else None
                latents = self._blending.blended(self._scheduler, latents, following)
            on_step(index + 1, count, latents)
        return latents

    def _start(self) -> torch.Tensor:
        starts = [self._start_of(row, number) for number, row in enumerate(self._rows)]
        if not all(start is not None for start in starts):
            return self._noise * self._scheduler.init_noise_sigma
        first = self._timesteps[:1].expand(len(starts))
        pictures = torch.cat([start for start in starts if start is not None])
        noised: torch.Tensor = self._scheduler.add_noise(pictures, self._noise, first)
        return noised

    def _start_of(self, row: Row, number: int) -> torch.Tensor | None:
        if row.masked:
            return row.masked.start(self._noise[number : number + 1])
        return row.start

    def _predicted(self, latents: torch.Tensor, timestep: Any, index: int) -> torch.Tensor:
        """What the sampler takes for the noise, guided by the prompts."""
        conditions = self._prompter.at(index // self._scheduler.order)
        scaled = self._scheduler.scale_model_input(conditions.spread(latents), timestep)
        sample = scaled.to(conditions.states.dtype)
        others = self._controls.residuals(sample, timestep, conditions, index, len(self._timesteps))
        predicted = self._unet(
            self._with_mask(sample, conditions),
            timestep,
            encoder_hidden_states=conditions.states,
            added_cond_kwargs=conditions.added,
            return_dict=False,
            **others,
        )[0]
        return conditions.combined(predicted.float())

    def _with_mask(self, sample: torch.Tensor, conditions: Conditions) -> torch.Tensor:
        if self._shown is None:
            return sample
        return torch.cat([sample, conditions.spread(self._shown).to(sample.dtype)], dim=1)

    def _extra(self) -> dict[str, Any]:
        """Schedulers that add noise take it from the pictures' own sources."""
        takes = inspect.signature(self._scheduler.step).parameters
        return {"generator": self._sources} if "generator" in takes else {}
