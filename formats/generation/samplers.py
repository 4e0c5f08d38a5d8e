"""Names the samplers and schedule types that are offered, and which of them are approximations."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BeforeValidator

from formats import texts


class Sampler(StrEnum):
    """A1111's sampler names that diffusers can honour, and three of diffusers' own."""

    DPMPP_2M = "DPM++ 2M"
    DPMPP_SDE = "DPM++ SDE"
    DPMPP_2M_SDE = "DPM++ 2M SDE"
    DPMPP_3M_SDE = "DPM++ 3M SDE"
    DPMPP_2S_A = "DPM++ 2S a"
    EULER_A = "Euler a"
    EULER = "Euler"
    LMS = "LMS"
    HEUN = "Heun"
    DPM2 = "DPM2"
    DPM2_A = "DPM2 a"
    DDIM = "DDIM"
    PLMS = "PLMS"
    UNIPC = "UniPC"
    DEIS = "DEIS"
    SA = "SA Solver"
    DDPM = "DDPM"
    LCM = "LCM"
    TCD = "TCD"


class Schedule(StrEnum):
    """A1111's schedule types that diffusers can honour."""

    AUTOMATIC = "Automatic"
    UNIFORM = "Uniform"
    KARRAS = "Karras"
    EXPONENTIAL = "Exponential"
    POLYEXPONENTIAL = "Polyexponential"
    """A1111's own has an exponent of 1, which is the exponential one."""
    SGM_UNIFORM = "SGM Uniform"
    ALIGN_YOUR_STEPS = "Align Your Steps"
    SIMPLE = "Simple"
    NORMAL = "Normal"
    DDIM = "DDIM"
    BETA = "Beta"


_KARRAS_BY_DEFAULT: Final = {
    Sampler.DPMPP_2M,
    Sampler.DPMPP_SDE,
    Sampler.DPMPP_2S_A,
    Sampler.DPM2,
    Sampler.DPM2_A,
}
_EXPONENTIAL_BY_DEFAULT: Final = {Sampler.DPMPP_2M_SDE, Sampler.DPMPP_3M_SDE}
_SIGMA_SCHEDULES: Final = {
    Schedule.KARRAS,
    Schedule.EXPONENTIAL,
    Schedule.POLYEXPONENTIAL,
    Schedule.BETA,
}
_EVEN: Final = {Sampler.DDIM, Sampler.PLMS, Sampler.DDPM}
"""They go from one timestep to the next in equal strides."""
_DISTILLED: Final = {Sampler.LCM, Sampler.TCD}
"""They take their timesteps from those of their distillation."""
_TAKE_TIMESTEPS: Final = {
    Sampler.EULER,
    Sampler.HEUN,
    Sampler.DPMPP_2M,
    Sampler.DPMPP_2M_SDE,
    Sampler.DPMPP_3M_SDE,
    Sampler.DPMPP_2S_A,
}
_FROM_THE_END: Final = {Schedule.SGM_UNIFORM, Schedule.SIMPLE}

_LIKE: Final[dict[Sampler | Schedule, str]] = {
    Sampler.DPMPP_2S_A: texts.LIKE_DPMPP_2S_A,
    Schedule.SIMPLE: texts.LIKE_SIMPLE,
}
APPROXIMATE: Final[dict[Sampler, str]] = {
    name: why for name, why in _LIKE.items() if isinstance(name, Sampler)
}
"""Samplers whose result is like A1111's but not the same, and why."""

NOT_OFFERED: Final = {
    **dict.fromkeys(
        (
            "DPM fast",
            "DPM adaptive",
            "Restart",
            "DDIM CFG++",
            "DPM++ 2M SDE Heun",
            "HeunPP2",
            "IPNDM",
            "IPNDM_V",
        ),
        texts.NO_SUCH_SAMPLER,
    ),
    **dict.fromkeys(
        (
            "KL Optimal",
            "Turbo",
            "Align Your Steps GITS",
            "Align Your Steps 11",
            "Align Your Steps 32",
        ),
        texts.NO_SUCH_SCHEDULE,
    ),
}
"""A1111's and Forge's names that are refused rather than replaced."""


def _offered(value: object) -> object:
    if isinstance(value, str) and value in NOT_OFFERED:
        raise ValueError(texts.not_offered(value, NOT_OFFERED[value]))
    return value


SamplerName = Annotated[Sampler, BeforeValidator(_offered)]
ScheduleName = Annotated[Schedule, BeforeValidator(_offered)]
"""The same in a request: what is not offered is refused by its name."""


def resolve(sampler: Sampler, schedule: Schedule) -> Schedule:
    """What Automatic means for a sampler (A1111 modules/sd_samplers_kdiffusion.py)."""
    if schedule is not Schedule.AUTOMATIC:
        return schedule
    if sampler in _KARRAS_BY_DEFAULT:
        return Schedule.KARRAS
    return Schedule.EXPONENTIAL if sampler in _EXPONENTIAL_BY_DEFAULT else Schedule.UNIFORM


def supports(sampler: Sampler, schedule: Schedule) -> bool:
    """Whether the pair can be honoured; each pair here was run in diffusers."""
    if schedule in {Schedule.AUTOMATIC, Schedule.UNIFORM}:
        return True
    if schedule in _SIGMA_SCHEDULES:
        return sampler not in {Sampler.EULER_A, *_EVEN, *_DISTILLED}
    if schedule is Schedule.ALIGN_YOUR_STEPS:
        return sampler in _TAKE_TIMESTEPS
    if schedule is Schedule.NORMAL:
        return sampler not in {*_EVEN, *_DISTILLED}
    if sampler is Sampler.DPMPP_2S_A:
        return False
    return schedule in _FROM_THE_END or sampler not in _DISTILLED


def approximate(sampler: Sampler, schedule: Schedule) -> str | None:
    """Why what is drawn is like A1111's but not the same; None where it is the same."""
    meant = resolve(sampler, schedule)
    found = [texts.is_like(name, _LIKE[name]) for name in (sampler, meant) if name in _LIKE]
    if sampler in _DISTILLED and meant in _FROM_THE_END:
        found = [texts.own_timesteps(meant, sampler)]
    return "; ".join(found) or None
