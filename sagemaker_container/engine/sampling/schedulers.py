"""The table from A1111's samplers and schedules to diffusers' schedulers.

Every pair that `formats.generation.samplers.supports` allows is tested. k-diffusion's samplers
space their steps linearly over all 1000 timesteps; DDIM, PLMS and LCM have SD's own spacing.
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
"""LCM's and TCD's own number of steps, which is also their maximum."""
_LEAST_SIGNAL: Final = 2**-24
"""Instead of 0, which would be infinite noise. Source: diffusers' schedulers."""


@dataclass(frozen=True)
class SchedulerSpec:
    """A scheduler class of diffusers, its arguments, and whether its spacing is linear."""

    class_name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    linear: bool = True


_TABLE: Final = {
    Sampler.DPMPP_2M: SchedulerSpec("DPMSolverMultistepScheduler"),
    Sampler.DPMPP_2M_SDE: SchedulerSpec("DPMSolverMultistepScheduler", _SDE),
    Sampler.DPMPP_3M_SDE: SchedulerSpec("DPMSolverMultistepScheduler", {**_SDE, "solver_order": 3}),
    Sampler.DPMPP_SDE: SchedulerSpec("DPMSolverSDEScheduler"),
    Sampler.DPMPP_2S_A: SchedulerSpec("DPMSolverSinglestepScheduler"),
    Sampler.EULER_A: SchedulerSpec("EulerAncestralDiscreteScheduler"),
    Sampler.EULER: SchedulerSpec("EulerDiscreteScheduler"),
    Sampler.LMS: SchedulerSpec("LMSDiscreteScheduler"),
    Sampler.HEUN: SchedulerSpec("HeunDiscreteScheduler"),
    Sampler.DPM2: SchedulerSpec("KDPM2DiscreteScheduler"),
    Sampler.DPM2_A: SchedulerSpec("KDPM2AncestralDiscreteScheduler"),
    Sampler.UNIPC: SchedulerSpec("UniPCMultistepScheduler"),
    Sampler.DEIS: SchedulerSpec("DEISMultistepScheduler"),
    Sampler.DDIM: SchedulerSpec(
        "DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False}, False
    ),
    Sampler.PLMS: SchedulerSpec(
        "PNDMScheduler", {"skip_prk_steps": True, "set_alpha_to_one": False}, False
    ),
    Sampler.SA: SchedulerSpec("SASolverScheduler"),
    Sampler.DDPM: SchedulerSpec("DDPMScheduler", {"clip_sample": False}, False),
    Sampler.LCM: SchedulerSpec("LCMScheduler", _DISTILLED, False),
    Sampler.TCD: SchedulerSpec("TCDScheduler", _DISTILLED, False),
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
_AYS_SIGMAS: Final = (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029)
_AYS_SIGMAS_XL: Final = (
    14.615,
    6.315,
    3.771,
    2.181,
    1.342,
    0.862,
    0.555,
    0.380,
    0.234,
    0.113,
    0.029,
)
"""Noise levels of Align Your Steps for SD 1.x and SDXL. Source: Sabour et al., 2024, and
AUTOMATIC1111/stable-diffusion-webui modules/sd_schedulers.py, get_align_your_steps_sigmas."""


@dataclass(frozen=True)
class SamplerPlan:
    """The sampler, schedule and steps of a pass."""

    sampler: Sampler
    schedule: Schedule
    steps: int
    prediction_type: str = "epsilon"
    zero_terminal_snr: bool = False
    is_xl: bool = False
    last_steps: int | None = None
    """How many of the steps are run, if it starts from an image: the last ones. None means all."""

    @property
    def run_steps(self) -> int:
        """How many steps are run."""
        return self.steps if self.last_steps is None else self.last_steps

    @property
    def class_name(self) -> str:
        """The sampler's scheduler class in diffusers."""
        return _TABLE[self.sampler].class_name

    @property
    def one_at_a_time(self) -> bool:
        """DPM++ SDE generates noise for a whole batch, so images differ from their singles."""
        return self.sampler is Sampler.DPMPP_SDE

    def timesteps(self, scheduler: Any, device: torch.device) -> torch.Tensor:
        """The timesteps that are run; the scheduler is set to the first of them."""
        if resolve(self.sampler, self.schedule) is Schedule.ALIGN_YOUR_STEPS:
            chosen = align_your_steps(self.steps, scheduler.alphas_cumprod, is_xl=self.is_xl)
            scheduler.set_timesteps(timesteps=chosen, device=device)
        else:
            scheduler.set_timesteps(self.steps, device=device)
        first = (self.steps - self.run_steps) * scheduler.order
        if hasattr(scheduler, "set_begin_index"):  # else it searches, and waits for the GPU
            scheduler.set_begin_index(first)
        timesteps: torch.Tensor = scheduler.timesteps[first:]
        return timesteps

    def scheduler(self, seed: int) -> Any:
        """A new scheduler; `seed` is only for DPM++ SDE, which doesn't take a generator."""
        spec = _TABLE[self.sampler]
        spacing = "linspace" if spec.linear else "leading"
        arguments: dict[str, Any] = {**_SD, "timestep_spacing": spacing, **spec.arguments}
        arguments |= _SCHEDULES[resolve(self.sampler, self.schedule)]
        arguments["prediction_type"] = self.prediction_type
        kind = DPMPPSDEScheduler if self.one_at_a_time else getattr(diffusers, spec.class_name)
        if self.zero_terminal_snr:
            arguments |= _zero_snr_arguments(kind)
        if self.one_at_a_time:
            arguments["noise_sampler_seed"] = seed
        if self.sampler in (Sampler.LCM, Sampler.TCD):
            arguments["original_inference_steps"] = max(_DISTILLED_STEPS, self.steps)
        # from_config ignores arguments that a class doesn't have (such as steps_offset).
        return kind.from_config(arguments)


def _zero_snr_arguments(kind: Any) -> dict[str, Any]:
    """Arguments for a last timestep with (almost) no signal, which half of the classes support.

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


def align_your_steps(steps: int, alphas_cumprod: torch.Tensor, *, is_xl: bool) -> list[int]:
    """Align Your Steps' timesteps for any number of steps, strictly decreasing."""
    known = np.log(_AYS_SIGMAS_XL if is_xl else _AYS_SIGMAS)
    at = np.linspace(0, len(known) - 1, steps)
    wanted = np.interp(at, np.arange(len(known)), known)
    alphas = alphas_cumprod.double().numpy()
    levels = np.log(((1 - alphas) / alphas) ** 0.5)
    found = np.interp(wanted, levels, np.arange(len(levels))).round().astype(int).tolist()
    for index in range(1, steps):  # near the end several are equal
        found[index] = min(found[index], found[index - 1] - 1)
    for index in range(steps):
        found[index] = max(found[index], steps - 1 - index)
    return found
