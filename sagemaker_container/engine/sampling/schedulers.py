"""The one table from A1111's samplers and schedules to diffusers' schedulers.

Every pair that `formats.samplers.supports` allows was run. k-diffusion's samplers space their
steps linearly over all 1000 timesteps, DDIM, PLMS and LCM keep Stable Diffusion's own spacing.
Source: AUTOMATIC1111/stable-diffusion-webui modules/sd_samplers_kdiffusion.py, sd_schedulers.py;
diffusers docs/source/en/api/schedulers/overview.md.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import diffusers
import numpy as np
import torch
from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

from formats.generation.samplers import Sampler, Schedule, resolve
from sagemaker_container.engine.sampling.dpmpp_sde import DPMPPSDEScheduler

_BETAS: Final = (0.00085, 0.012)
_TIMESTEPS: Final = 1000
_SD: Final = {
    "beta_start": _BETAS[0],
    "beta_end": _BETAS[1],
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": _TIMESTEPS,
    "steps_offset": 1,
}
_SDE: Final = {"algorithm_type": "sde-dpmsolver++"}
_DISTILLED: Final = {"clip_sample": False, "set_alpha_to_one": False}
_DISTILLED_STEPS: Final = 50
"""LCM's and TCD's own number of steps; they refuse to make more."""
_LEAST_SIGNAL: Final = 2**-24
"""In place of none, which would be noise without end. Source: diffusers' schedulers."""


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
    Sampler.SA: Row("SASolverScheduler"),
    Sampler.DDPM: Row("DDPMScheduler", {"clip_sample": False}, False),
    Sampler.LCM: Row("LCMScheduler", _DISTILLED, False),
    Sampler.TCD: Row("TCDScheduler", _DISTILLED, False),
}
_SCHEDULES: Final[Mapping[Schedule, Mapping[str, Any]]] = {
    Schedule.UNIFORM: {},
    Schedule.KARRAS: {"use_karras_sigmas": True},
    Schedule.EXPONENTIAL: {"use_exponential_sigmas": True},
    Schedule.POLYEXPONENTIAL: {"use_exponential_sigmas": True},
    Schedule.BETA: {"use_beta_sigmas": True},
    Schedule.SGM_UNIFORM: {"timestep_spacing": "trailing"},
    Schedule.SIMPLE: {"timestep_spacing": "trailing"},
    Schedule.NORMAL: {"timestep_spacing": "linspace"},
    Schedule.DDIM: {"timestep_spacing": "leading"},
    Schedule.ALIGN_YOUR_STEPS: {},
}
_ALIGNED: Final = (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029)
_ALIGNED_XL: Final = (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029)
"""Noise levels of Align Your Steps for SD 1.x and SDXL. Source: Sabour et al., 2024, and
AUTOMATIC1111/stable-diffusion-webui modules/sd_schedulers.py, get_align_your_steps_sigmas."""


@dataclass(frozen=True)
class SamplerPlan:
    """How one job samples."""

    sampler: Sampler
    schedule: Schedule
    steps: int
    prediction_type: str = "epsilon"
    zero_terminal_snr: bool = False
    is_xl: bool = False
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
        if resolve(self.sampler, self.schedule) is Schedule.ALIGN_YOUR_STEPS:
            chosen = aligned(self.steps, scheduler.alphas_cumprod, is_xl=self.is_xl)
            scheduler.set_timesteps(timesteps=chosen, device=device)
        else:
            scheduler.set_timesteps(self.steps, device=device)
        first = (self.steps - self.count) * scheduler.order
        if hasattr(scheduler, "set_begin_index"):  # else it looks for it, and waits for the GPU
            scheduler.set_begin_index(first)
        timesteps: torch.Tensor = scheduler.timesteps[first:]
        return timesteps

    def scheduler(self, seed: int) -> Any:
        """A fresh scheduler; `seed` is only for DPM++ SDE, which doesn't take a generator."""
        row = _TABLE[self.sampler]
        spacing = "linspace" if row.linear else "leading"
        arguments: dict[str, Any] = {**_SD, "timestep_spacing": spacing, **row.arguments}
        arguments |= _SCHEDULES[resolve(self.sampler, self.schedule)]
        arguments["prediction_type"] = self.prediction_type
        kind = DPMPPSDEScheduler if self.one_at_a_time else getattr(diffusers, row.name)
        if self.zero_terminal_snr:
            arguments |= _to_pure_noise(kind)
        if self.one_at_a_time:
            arguments["noise_sampler_seed"] = seed
        if self.sampler in (Sampler.LCM, Sampler.TCD):
            arguments["original_inference_steps"] = max(_DISTILLED_STEPS, self.steps)
        # from_config passes over what a class doesn't know (steps_offset, for one).
        return kind.from_config(arguments)


def _to_pure_noise(kind: Any) -> dict[str, Any]:
    """Arguments that let the last timestep have (almost) no signal; half of the classes know how.

    The others get the betas that those compute. Source: Lin et al., Common Diffusion Noise
    Schedules and Sample Steps Are Flawed (2023), algorithm 1, as in diffusers.
    """
    if "rescale_betas_zero_snr" in inspect.signature(kind).parameters:
        return {"rescale_betas_zero_snr": True}
    first, last = (beta**0.5 for beta in _BETAS)
    betas = torch.linspace(first, last, _TIMESTEPS, dtype=torch.float32) ** 2
    kept = torch.cumprod(1 - rescale_zero_terminal_snr(betas), 0)
    kept[-1] = _LEAST_SIGNAL
    return {"trained_betas": (1 - kept / torch.cat([torch.ones(1), kept[:-1]])).tolist()}


def aligned(steps: int, alphas_cumprod: torch.Tensor, *, is_xl: bool) -> list[int]:
    """Align Your Steps' timesteps for any number of steps, each lower than the one before."""
    known = np.log(_ALIGNED_XL if is_xl else _ALIGNED)
    at = np.linspace(0, len(known) - 1, steps)
    wanted = np.interp(at, np.arange(len(known)), known)
    alphas = alphas_cumprod.double().numpy()
    levels = np.log(((1 - alphas) / alphas) ** 0.5)
    found = np.interp(wanted, levels, np.arange(len(levels))).round().astype(int).tolist()
    for index in range(1, steps):  # near the end several fall on one
        found[index] = min(found[index], found[index - 1] - 1)
    for index in range(steps):
        found[index] = max(found[index], steps - 1 - index)
    return found
