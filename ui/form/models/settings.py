"""Puts the settings that a model is best used with into a form, and says what doesn't fit."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from core.models.metadata.fields import RecommendedSettings
from formats.generation.infotext import split_sampler
from formats.generation.parameters import parameter_fields
from formats.generation.samplers import Sampler, Schedule
from ui.form.state import Form

_FEW_STEPS: Final = 12
"""Who recommends no more has a distilled model, which more steps and a high CFG scale ruin."""
_TOO_MANY: Final = 2.5
_MOST_CFG: Final = 1.0
"""How far above its own a distilled model's CFG scale may be."""


class SettingChange(NamedTuple):
    """One field of the form: its label, what it held, and what it holds now."""

    label: str
    old: str
    new: str


def as_parameters(settings: RecommendedSettings) -> dict[str, Any]:
    """The settings by the form's own names; without what the form doesn't offer."""
    fields = parameter_fields()
    sampler, schedule = (fields[name].parameter.infotext for name in ("sampler", "schedule"))
    named = {sampler: settings.sampler or "", schedule: settings.scheduler or ""}
    split = split_sampler({name: value for name, value in named.items() if value})
    found = {
        "sampler": _offered(Sampler, split.get(sampler, "")),
        "schedule": _offered(Schedule, split.get(schedule, "")),
        "steps": settings.steps,
        "cfg_scale": settings.cfg_scale,
        "clip_skip": settings.clip_skip,
        "width": settings.width,
        "height": settings.height,
    }
    return {name: value for name, value in found.items() if value is not None}


def _offered(kinds: type[Any], value: str) -> Any:
    """The member whose value it is, in any case of its letters."""
    return next((each for each in kinds if each.value.lower() == value.strip().lower()), None)


def differences(form: Form, settings: RecommendedSettings) -> tuple[SettingChange, ...]:
    """What using the settings would change in the form."""
    fields = parameter_fields()
    return tuple(
        SettingChange(fields[name].parameter.label, _shown(form.get(name)), _shown(value))
        for name, value in as_parameters(settings).items()
        if form.get(name) != value
    )


def use_settings(form: Form, settings: RecommendedSettings) -> tuple[SettingChange, ...]:
    """Fill the form with the settings. Returns what that changed."""
    changes = differences(form, settings)
    form.put(**as_parameters(settings))
    return changes


def unfit(form: Form, settings: RecommendedSettings) -> Mapping[str, tuple[str, str]]:
    """Steps and CFG scale of the form that ruin a distilled model's images: theirs, and its own."""
    wanted = as_parameters(settings)
    steps, cfg = wanted.get("steps"), wanted.get("cfg_scale")
    if steps is None or steps > _FEW_STEPS:
        return {}
    found = {}
    if (form.get("steps") or 0) > steps * _TOO_MANY:
        found["steps"] = (_shown(form.get("steps")), _shown(steps))
    if cfg is not None and (form.get("cfg_scale") or 0) > cfg + _MOST_CFG:
        found["cfg_scale"] = (_shown(form.get("cfg_scale")), _shown(cfg))
    return found


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
