"""Names the samplers and schedule types that are offered, and which of them are approximations."""

from enum import StrEnum
from typing import Final


class Sampler(StrEnum):
    """A1111's sampler names that diffusers can honour."""

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
    LCM = "LCM"


class Schedule(StrEnum):
    """A1111's schedule types that diffusers can honour."""

    AUTOMATIC = "Automatic"
    UNIFORM = "Uniform"
    KARRAS = "Karras"
    EXPONENTIAL = "Exponential"
    BETA = "Beta"
    SGM_UNIFORM = "SGM Uniform"


_KARRAS_BY_DEFAULT: Final = {
    Sampler.DPMPP_2M, Sampler.DPMPP_SDE, Sampler.DPMPP_2S_A, Sampler.DPM2, Sampler.DPM2_A,
}  # fmt: skip
_EXPONENTIAL_BY_DEFAULT: Final = {Sampler.DPMPP_2M_SDE, Sampler.DPMPP_3M_SDE}
_SIGMA_SCHEDULES: Final = {Schedule.KARRAS, Schedule.EXPONENTIAL, Schedule.BETA}
_WITHOUT_SIGMAS: Final = {Sampler.EULER_A, Sampler.DDIM, Sampler.PLMS, Sampler.LCM}

APPROXIMATE: Final = {Sampler.DPMPP_2S_A: "diffusers' single-step DPM solver stands in for it"}
"""Samplers whose result is like A1111's but not the same, and why."""

NOT_OFFERED: Final = dict.fromkeys(
    ("DPM fast", "DPM adaptive", "Restart", "DDIM CFG++", "DPM++ 2M SDE Heun"),
    "diffusers has no equivalent; choose another sampler",
)
"""A1111 samplers that are refused by name rather than replaced."""


def resolve(sampler: Sampler, schedule: Schedule) -> Schedule:
    """What Automatic means for a sampler (A1111 modules/sd_samplers_kdiffusion.py)."""
    if schedule is not Schedule.AUTOMATIC:
        return schedule
    if sampler in _KARRAS_BY_DEFAULT:
        return Schedule.KARRAS
    return Schedule.EXPONENTIAL if sampler in _EXPONENTIAL_BY_DEFAULT else Schedule.UNIFORM


def supports(sampler: Sampler, schedule: Schedule) -> bool:
    """Whether the pair can be honoured; each pair here was run in diffusers."""
    if schedule in _SIGMA_SCHEDULES:
        return sampler not in _WITHOUT_SIGMAS
    return not (schedule is Schedule.SGM_UNIFORM and sampler is Sampler.DPMPP_2S_A)
