"""The one table from A1111's samplers and schedules to diffusers' schedulers.

Every pair that `formats.samplers.supports` allows was run. k-diffusion's samplers space their
steps linearly over all 1000 timesteps, DDIM, PLMS and LCM keep Stable Diffusion's own spacing.
Source: AUTOMATIC1111/stable-diffusion-webui modules/sd_samplers_kdiffusion.py, sd_schedulers.py;
diffusers docs/source/en/api/schedulers/overview.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import diffusers
import torch

from formats.samplers import Sampler, Schedule, resolve

_SD: Final = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
}
_SDE: Final = {"algorithm_type": "sde-dpmsolver++"}
_LCM_STEPS: Final = 50
"""LCM's own number of steps; it refuses to make more."""


@dataclass(frozen=True)
class Row:
    """A scheduler class of diffusers, what it is made with, and whether it spaces linearly."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    linear: bool = True


_TABLE: Final = {
    Sampler.DPMPP_2M: Row("DPMSolverMultistepScheduler"),
    Sampler.DPMPP_2M_SDE: Row("DPMSolverMultistepScheduler", _SDE),
    Sampler.DPMPP_3M_SDE: Row("DPMSolverMultistepScheduler", {**_SDE, "solver_order": 3}),
    Sampler.DPMPP_SDE: Row("DPMSolverSDEScheduler"),
    Sampler.DPMPP_2S_A: Row("DPMSolverSinglestepScheduler"),
    Sampler.EULER_A: Row("EulerAncestralDiscreteScheduler"),
    Sampler.EULER: Row("EulerDiscreteScheduler"),
    Sampler.LMS: Row("LMSDiscreteScheduler"),
    Sampler.HEUN: Row("HeunDiscreteScheduler"),
    Sampler.DPM2: Row("KDPM2DiscreteScheduler"),
    Sampler.DPM2_A: Row("KDPM2AncestralDiscreteScheduler"),
    Sampler.UNIPC: Row("UniPCMultistepScheduler"),
    Sampler.DEIS: Row("DEISMultistepScheduler"),
    Sampler.DDIM: Row("DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False}, False),
    Sampler.PLMS: Row("PNDMScheduler", {"skip_prk_steps": True, "set_alpha_to_one": False}, False),
    Sampler.LCM: Row("LCMScheduler", {"clip_sample": False, "set_alpha_to_one": False}, False),
}
_SCHEDULES: Final[Mapping[Schedule, Mapping[str, Any]]] = {
    Schedule.UNIFORM: {},
    Schedule.KARRAS: {"use_karras_sigmas": True},
    Schedule.EXPONENTIAL: {"use_exponential_sigmas": True},
    Schedule.BETA: {"use_beta_sigmas": True},
    Schedule.SGM_UNIFORM: {"timestep_spacing": "trailing"},
}


@dataclass(frozen=True)
class SamplerPlan:
    """How one job samples."""

    sampler: Sampler
    schedule: Schedule
    steps: int
    prediction_type: str = "epsilon"
    zero_terminal_snr: bool = False
    made: int | None = None
    """How many of the steps are made, the last ones, where a picture is drawn over; None: all."""

    @property
    def count(self) -> int:
        """How many steps are made."""
        return self.steps if self.made is None else self.made

    @property
    def class_name(self) -> str:
        """diffusers' class that stands for the sampler."""
        return _TABLE[self.sampler].name

    @property
    def one_at_a_time(self) -> bool:
        """DPM++ SDE draws its noise for a whole batch at once, so a batch isn't its singles."""
        return self.sampler is Sampler.DPMPP_SDE

    def timesteps(self, scheduler: Any, device: torch.device) -> torch.Tensor:
        """The timesteps that are made, with the scheduler set to the first of them."""
        scheduler.set_timesteps(self.steps, device=device)
        timesteps: torch.Tensor = scheduler.timesteps
        if self.made is None:
            return timesteps
        first = (self.steps - self.made) * scheduler.order
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(first)
        return timesteps[first:]

    def scheduler(self, seed: int) -> Any:
        """A fresh scheduler; `seed` is only for DPM++ SDE, which doesn't take a generator."""
        row = _TABLE[self.sampler]
        spacing = "linspace" if row.linear else "leading"
        arguments: dict[str, Any] = {**_SD, "timestep_spacing": spacing, **row.arguments}
        arguments |= _SCHEDULES[resolve(self.sampler, self.schedule)]
        arguments["prediction_type"] = self.prediction_type
        if self.zero_terminal_snr:
            arguments["rescale_betas_zero_snr"] = True
        if self.one_at_a_time:
            arguments["noise_sampler_seed"] = seed
        if self.sampler is Sampler.LCM:
            arguments["original_inference_steps"] = max(_LCM_STEPS, self.steps)
        # from_config passes over what a class doesn't know (steps_offset, for one).
        return getattr(diffusers, row.name).from_config(arguments)
