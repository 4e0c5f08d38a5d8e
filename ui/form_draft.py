"""Turns a form into a draft, and a draft back into a filled form."""

from typing import Any, Final

from core.draft import RANDOM_SEED, Draft, DraftUnit
from core.pictures import picture_of
from formats.openpose import Skeleton
from formats.openpose_map import draw
from formats.request import LoraUse, Mode
from ui.current_pose import current_pose
from ui.form import Form
from ui.form_values import OWN_VAE, FormValues, Source, UnitValues
from ui.unit_pictures import SKETCH, unit_picture

_SAME: Final = (
    "mode", "prompt", "negative_prompt", "sampler", "schedule", "steps", "cfg_scale", "width",
    "height", "seed", "batch_size", "batch_count", "clip_skip", "denoising_strength",
    "resize_mode",
)  # fmt: skip
"""Fields that form and draft share under one name."""

_NUMBERS: Final = {
    "steps",
    "cfg_scale",
    "width",
    "height",
    "batch_size",
    "batch_count",
    "clip_skip",
}


def draft_of(form: Form, *, with_units: bool) -> Draft:
    """What the form asks for, unchecked."""
    values = form.values()
    img2img = values.mode is Mode.IMG2IMG
    return Draft(
        endpoint=values.endpoint or "",
        checkpoints=tuple(values.checkpoints),
        vae=values.vae or None,
        loras=tuple(LoraUse(name=n, weight=values.lora_weights[n]) for n in values.loras),
        units=_units(form, values) if with_units else (),
        init_picture=form.picture("init_picture") if img2img else None,
        **_shared(values),
    )


def _shared(values: FormValues) -> dict[str, Any]:
    """The shared fields; an emptied seed is a random one, another emptied number is 0."""
    shared = {field: getattr(values, field) for field in _SAME}
    zeros = {field: shared[field] or 0 for field in _NUMBERS}
    seed = RANDOM_SEED if values.seed is None else values.seed
    return {**shared, **zeros, "seed": seed}


def _units(form: Form, values: FormValues) -> tuple[DraftUnit, ...]:
    return tuple(
        unit_draft(form, index, unit) for index, unit in enumerate(values.units) if unit.enabled
    )


def unit_draft(form: Form, index: int, unit: UnitValues) -> DraftUnit:
    """One unit with the pose or the picture that its source names."""
    posed = unit.source is Source.POSE
    field = SKETCH if unit.source is Source.SKETCH else unit_picture(index)
    return DraftUnit(
        model=unit.model or "",
        picture=None if posed else form.picture(field),
        pose=current_pose(form) if posed else None,
        weight=unit.weight,
        start=unit.span[0],
        end=unit.span[1],
        control_mode=unit.mode,
        resize_mode=unit.resize,
    )


def fill(form: Form, draft: Draft) -> None:
    """Take over a draft: a job's parameters, or a picture sent from another page."""
    weights = {use.name: use.weight for use in draft.loras}
    form.put(
        endpoint=draft.endpoint or form.kept.endpoint,
        checkpoints=list(draft.checkpoints),
        vae=draft.vae or OWN_VAE,
        loras=list(weights),
        lora_weights=weights,
        **{field: getattr(draft, field) for field in _SAME},
    )
    form.put_picture("init_picture", draft.init_picture)
    form.set_problems()
    _fill_units(form, draft.units)


def _fill_units(form: Form, units: tuple[DraftUnit, ...]) -> None:
    """The first pose goes into the editor; a unit with another one gets the map of it."""
    if not units:
        return
    pose = next((unit.pose for unit in units if unit.pose), None)
    form.put(pose=pose, units=[_unit_values(unit, pose) for unit in units])
    for index, unit in enumerate(units):
        drawn = picture_of(draw(unit.pose)) if unit.pose else None
        form.put_picture(unit_picture(index), unit.picture or drawn)


def _unit_values(unit: DraftUnit, pose: Skeleton | None) -> UnitValues:
    return UnitValues(
        source=Source.POSE if unit.pose and unit.pose == pose else Source.PICTURE,
        model=unit.model,
        weight=unit.weight,
        span=(unit.start, unit.end),
        mode=unit.control_mode,
        resize=unit.resize_mode,
    )
