"""The fields that a grid's axis can change: how its values are read, and what each does to a draft.

Names, order and costs are A1111's (scripts/xyz_grid.py) where it has the axis.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final

from core.errors import InvalidInput
from core.jobs.preparing.draft import Draft
from core.texts.jobs import jobs as texts
from formats.frozen import Frozen
from formats.generation.parameters import Mode, value_text
from formats.generation.upscaling import UncheckedHires
from formats.openpose.skeleton import Skeleton
from formats.prompts.axis_values import (
    integer_values,
    prompt_orders,
    real_values,
    replaced,
    text_values,
)
from poses.canvas import fit_to_canvas


class AxisField(StrEnum):
    """What an axis changes; the value is the word a user reads."""

    SEED = "Seed"
    VARIATION_SEED = "Var. seed"
    VARIATION_STRENGTH = "Var. strength"
    STEPS = "Steps"
    CFG_SCALE = "CFG Scale"
    PROMPT_SR = "Prompt S/R"
    PROMPT_ORDER = "Prompt order"
    PROMPT = "Prompt"
    """Whole prompts, one on each line."""
    SAMPLER = "Sampler"
    SCHEDULE = "Schedule type"
    CHECKPOINT = "Checkpoint name"
    VAE = "VAE"
    LORA_WEIGHT = "LoRA weight"
    """Of every LoRA that is chosen in the form."""
    SIZE = "Size"
    CLIP_SKIP = "Clip skip"
    DENOISING = "Denoising"
    HIRES_STEPS = "Hires steps"
    HIRES_SCALE = "Hires upscale"
    HIRES_UPSCALER = "Hires upscaler"
    CONTROLNET_MODEL = "[ControlNet] Model"
    CONTROLNET_WEIGHT = "[ControlNet] Weight"
    CONTROLNET_START = "[ControlNet] Guidance Start"
    CONTROLNET_END = "[ControlNet] Guidance End"
    POSE = "Pose"


class AxisSpec(Frozen):
    """An axis as a form has it."""

    field: AxisField
    values: str = ""
    """As it was typed; of poses their ids, one on each line."""


@dataclass(frozen=True)
class AxisValue:
    """One value of an axis: its label, and what it makes of a draft."""

    label: str
    change: Callable[[Draft], Draft]


Poses = Callable[[Sequence[str]], Sequence[tuple[str, Skeleton]]]
"""Names and skeletons of poses by their ids. Raises NotFound."""

Change = Callable[[Draft, Any], Draft]


@dataclass(frozen=True)
class _Axis:
    read: Callable[[str], Sequence[Any]]
    change: Change
    cost: float = 0.0
    """What a change of value costs; the dearest axis is the outermost, so that it changes least."""


def axis_values(axis: AxisSpec, draft: Draft, poses: Poses) -> tuple[AxisValue, ...]:
    """The axis's values in their order. Raises InvalidInput for what can't be read, or for what
    the draft has nothing to change of."""
    if axis.field is AxisField.PROMPT_SR:
        return _replacements(axis, draft)
    if axis.field is AxisField.POSE:
        return _poses(axis, draft, poses)
    declared = _AXES[axis.field]
    _require_part(axis.field, draft)
    try:
        values = declared.read(axis.values)
    except ValueError as error:
        raise InvalidInput(str(error), axis.field) from error
    if not values:
        raise InvalidInput(texts.AXIS_WITHOUT_VALUES, axis.field)
    return tuple(AxisValue(_label(v), partial(_changed, declared.change, v)) for v in values)


def axis_cost(field: AxisField) -> float:
    """What a change of the axis's value costs an endpoint, 0 to 1."""
    return _AXES[field].cost if field in _AXES else 0.0


def _changed(change: Change, value: Any, draft: Draft) -> Draft:
    return change(draft, value)


def _label(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else value_text(value)


def _require_part(field: AxisField, draft: Draft) -> None:
    """Raise InvalidInput where the draft has no such part."""
    missing = {
        "[ControlNet]": not draft.units and texts.AXIS_WITHOUT_UNIT,
        "Hires": not draft.hires and texts.AXIS_WITHOUT_HIRES,
        "LoRA": not draft.loras and texts.AXIS_WITHOUT_LORA,
        "Denoising": not (draft.hires or draft.mode.needs_image) and texts.AXIS_WITHOUT_DENOISING,
    }
    for prefix, reason in missing.items():
        if field.startswith(prefix) and reason:
            raise InvalidInput(reason, field)


def _replacements(axis: AxisSpec, draft: Draft) -> tuple[AxisValue, ...]:
    def replace(search: str, value: str, draft: Draft) -> Draft:
        # Another axis may have taken the words away: then this one has nothing to do.
        prompt = draft.prompt.replace(search, value)
        negative = draft.negative_prompt.replace(search, value)
        return draft.model_copy(update={"prompt": prompt, "negative_prompt": negative})

    try:
        values = text_values(axis.values)
        if not values:
            raise InvalidInput(texts.AXIS_WITHOUT_VALUES, axis.field)
        replaced(draft.prompt, draft.negative_prompt, values[0], values[0])
    except ValueError as error:
        raise InvalidInput(str(error), axis.field) from error
    return tuple(AxisValue(value, partial(replace, values[0], value)) for value in values)


def _poses(axis: AxisSpec, draft: Draft, poses: Poses) -> tuple[AxisValue, ...]:
    if not any(unit.pose for unit in draft.units):
        raise InvalidInput(texts.SHEET_WITHOUT_POSE, axis.field)
    found = poses([line.strip() for line in axis.values.splitlines() if line.strip()])
    if not found:
        raise InvalidInput(texts.AXIS_WITHOUT_VALUES, axis.field)
    return tuple(AxisValue(name, partial(_with_pose, pose)) for name, pose in found)


def _with_pose(pose: Skeleton, draft: Draft) -> Draft:
    units = tuple(
        unit.model_copy(update={"pose": fit_to_canvas(pose, unit.pose.width, unit.pose.height)})
        if unit.pose
        else unit
        for unit in draft.units
    )
    return draft.model_copy(update={"units": units})


def _field(name: str) -> Change:
    return lambda draft, value: draft.model_copy(update={name: value})


def _of_units(name: str) -> Change:
    def change(draft: Draft, value: Any) -> Draft:
        units = tuple(unit.model_copy(update={name: value}) for unit in draft.units)
        return draft.model_copy(update={"units": units})

    return change


def _of_hires(name: str) -> Change:
    def change(draft: Draft, value: Any) -> Draft:
        hires = (draft.hires or UncheckedHires()).model_copy(update={name: value})
        return draft.model_copy(update={"hires": hires})

    return change


def _denoising(draft: Draft, value: float) -> Draft:
    """Of the hires fix where there is one, as in A1111."""
    if draft.mode is Mode.TXT2IMG:
        return _of_hires("denoising_strength")(draft, value)
    return _field("denoising_strength")(draft, value)


def _lora_weight(draft: Draft, value: float) -> Draft:
    loras = tuple(lora.model_copy(update={"weight": value}) for lora in draft.loras)
    return draft.model_copy(update={"loras": loras})


def _prompt_order(draft: Draft, words: Sequence[str]) -> Draft:
    """Put the words, where they stand now, into this order (A1111's apply_order)."""
    prompt, parts, rest = draft.prompt, list[str](), draft.prompt
    for word in sorted(words, key=prompt.find):
        before, _, rest = rest.partition(word)
        parts.append(before)
    ordered = "".join(before + word for before, word in zip(parts, words, strict=True)) + rest
    return draft.model_copy(update={"prompt": ordered})


def _size(draft: Draft, text: str) -> Draft:
    width, _, height = text.partition("x")
    return draft.model_copy(update={"width": int(width), "height": int(height)})


def _sizes(text: str) -> tuple[str, ...]:
    sizes = tuple("".join(value.lower().replace("×", "x").split()) for value in text_values(text))
    for size in sizes:
        width, _, height = size.partition("x")
        if not (width.isdecimal() and height.isdecimal() and len(size) < 12):
            raise ValueError(texts.bad_size(size))
    return sizes


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _one_checkpoint(draft: Draft, name: str) -> Draft:
    return draft.model_copy(update={"checkpoints": (name,)})


_AXES: Final[Mapping[AxisField, _Axis]] = {
    AxisField.SEED: _Axis(integer_values, _field("seed")),
    AxisField.VARIATION_SEED: _Axis(integer_values, _field("variation_seed")),
    AxisField.VARIATION_STRENGTH: _Axis(real_values, _field("variation_strength")),
    AxisField.STEPS: _Axis(integer_values, _field("steps")),
    AxisField.CFG_SCALE: _Axis(real_values, _field("cfg_scale")),
    AxisField.PROMPT_ORDER: _Axis(prompt_orders, _prompt_order),
    AxisField.PROMPT: _Axis(_lines, _field("prompt")),
    AxisField.SAMPLER: _Axis(text_values, _field("sampler")),
    AxisField.SCHEDULE: _Axis(text_values, _field("schedule")),
    AxisField.CHECKPOINT: _Axis(text_values, _one_checkpoint, cost=1.0),
    AxisField.VAE: _Axis(text_values, _field("vae"), cost=0.7),
    AxisField.LORA_WEIGHT: _Axis(real_values, _lora_weight, cost=0.5),
    AxisField.SIZE: _Axis(_sizes, _size, cost=0.2),
    AxisField.CLIP_SKIP: _Axis(integer_values, _field("clip_skip")),
    AxisField.DENOISING: _Axis(real_values, _denoising),
    AxisField.HIRES_STEPS: _Axis(integer_values, _of_hires("steps")),
    AxisField.HIRES_SCALE: _Axis(real_values, _of_hires("scale")),
    AxisField.HIRES_UPSCALER: _Axis(text_values, _of_hires("upscaler"), cost=0.3),
    AxisField.CONTROLNET_MODEL: _Axis(text_values, _of_units("model"), cost=0.9),
    AxisField.CONTROLNET_WEIGHT: _Axis(real_values, _of_units("weight")),
    AxisField.CONTROLNET_START: _Axis(real_values, _of_units("start")),
    AxisField.CONTROLNET_END: _Axis(real_values, _of_units("end")),
}
