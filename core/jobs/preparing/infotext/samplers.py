"""Reads the names of samplers and schedule types, A1111's of all years and those of others.

Sources: the aliases of A1111 (modules/sd_samplers_kdiffusion.py, modules/sd_samplers.py) and the
names of ComfyUI (comfy/samplers.py), which its nodes write into infotexts.
"""

from collections.abc import Mapping
from typing import Final

from core.jobs.preparing.infotext.reading import Reading
from core.texts.jobs import infotext as texts
from formats.generation.samplers import NOT_OFFERED, Sampler, Schedule, supports
from formats.texts import not_offered

_SAMPLERS: Final[Mapping[str, Sampler]] = {
    **{each.value.lower(): each for each in Sampler},
    "dpmpp_2m": Sampler.DPMPP_2M,
    "dpmpp_sde": Sampler.DPMPP_SDE,
    "dpmpp_sde_gpu": Sampler.DPMPP_SDE,
    "dpmpp_2m_sde": Sampler.DPMPP_2M_SDE,
    "dpmpp_2m_sde_gpu": Sampler.DPMPP_2M_SDE,
    "dpmpp_3m_sde": Sampler.DPMPP_3M_SDE,
    "dpmpp_3m_sde_gpu": Sampler.DPMPP_3M_SDE,
    "dpmpp_2s_a": Sampler.DPMPP_2S_A,
    "dpmpp_2s_ancestral": Sampler.DPMPP_2S_A,
    "euler_a": Sampler.EULER_A,
    "euler_ancestral": Sampler.EULER_A,
    "dpm_2": Sampler.DPM2,
    "dpm_2_a": Sampler.DPM2_A,
    "dpm_2_ancestral": Sampler.DPM2_A,
    "uni_pc": Sampler.UNIPC,
    "uni_pc_bh2": Sampler.UNIPC,
    "sa_solver": Sampler.SA,
    "dpm++ 2m sde gpu": Sampler.DPMPP_2M_SDE,
    "dpm++ 3m sde gpu": Sampler.DPMPP_3M_SDE,
    "dpm++ sde gpu": Sampler.DPMPP_SDE,
}
_SCHEDULES: Final[Mapping[str, Schedule]] = {
    **{each.value.lower(): each for each in Schedule},
    "sgm_uniform": Schedule.SGM_UNIFORM,
    "ddim_uniform": Schedule.DDIM,
    "default": Schedule.AUTOMATIC,
    "ays": Schedule.ALIGN_YOUR_STEPS,
}
_OFFERED_BY_CASE: Final = {name.lower(): name for name in NOT_OFFERED}
_JOINTS: Final = (" ", "_")


def split_name(name: str) -> tuple[Sampler | None, Schedule | None]:
    """`DPM++ 2M Karras` and `dpmpp_2m_karras` name both; None for what no name was found for."""
    key = name.strip().lower().removeprefix("k_")
    if key in _SAMPLERS:
        return _SAMPLERS[key], None
    for word, schedule in _SCHEDULES.items():
        for joint in _JOINTS:
            first = key.removesuffix(f"{joint}{word}")
            if first != key and first in _SAMPLERS:
                return _SAMPLERS[first], schedule
    return None, None


def schedule_of(name: str) -> Schedule | None:
    """The schedule type of a name; None for one that is not offered."""
    return _SCHEDULES.get(name.strip().lower())


def why_not(name: str) -> str:
    """Why a name of a sampler or schedule type is not taken."""
    known = _OFFERED_BY_CASE.get(name.lower())
    return not_offered(known, NOT_OFFERED[known]) if known else texts.no_sampler(name)


def sampler_and_schedule(
    reading: Reading, sampler_entry: str, *schedule_entries: str
) -> tuple[Sampler | None, Schedule | None]:
    """Both of the entries; what is not offered is refused. The first schedule's entry counts."""
    named = reading.take(sampler_entry)
    sampler, schedule = split_name(named) if named else (None, None)
    if named and sampler is None:
        reading.refuse(sampler_entry, named, why_not(named))
    for entry in schedule_entries:
        text = reading.take(entry)
        if text and (found := schedule_of(text)):
            schedule = schedule if schedule and found is Schedule.AUTOMATIC else found
        elif text:
            reading.refuse(entry, text, why_not(text))
    if sampler and schedule and not supports(sampler, schedule):
        reading.refuse(schedule_entries[0], schedule, texts.no_such_pair(sampler))
        return sampler, Schedule.AUTOMATIC
    return sampler, schedule
