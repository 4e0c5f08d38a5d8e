"""Checks every cell of a grid before anything is sent, and says at which axis a value is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from core.errors import InvalidDraft, Problem
from core.jobs.grids.axes import AxisField
from core.jobs.grids.plan import GridPlan, PlannedCell
from core.jobs.preparing.preflight import Batch, Preflight
from core.jobs.preparing.requests import Prepared
from core.team.users import User
from core.texts.jobs import jobs as texts

_MOST_WRONG: Final = 8
"""Cells at fault that are looked into: a value that is wrong is wrong in many of them."""

_CHANGES: Final[Mapping[AxisField, tuple[str, ...]]] = {
    AxisField.SEED: ("seed",),
    AxisField.VARIATION_SEED: ("variation_seed",),
    AxisField.VARIATION_STRENGTH: ("variation_strength",),
    AxisField.STEPS: ("steps",),
    AxisField.CFG_SCALE: ("cfg_scale",),
    AxisField.PROMPT_SR: ("prompt", "negative_prompt"),
    AxisField.PROMPT_ORDER: ("prompt",),
    AxisField.PROMPT: ("prompt",),
    AxisField.SAMPLER: ("sampler",),
    AxisField.SCHEDULE: ("schedule",),
    AxisField.CHECKPOINT: ("checkpoints",),
    AxisField.VAE: ("vae",),
    AxisField.LORA_WEIGHT: ("loras",),
    AxisField.SIZE: ("width", "height"),
    AxisField.CLIP_SKIP: ("clip_skip",),
    AxisField.DENOISING: ("denoising_strength", "hires.denoising_strength"),
    AxisField.HIRES_STEPS: ("hires.steps",),
    AxisField.HIRES_SCALE: ("hires.scale",),
    AxisField.HIRES_UPSCALER: ("hires.upscaler", "upscaler"),
    AxisField.CONTROLNET_MODEL: ("units",),
    AxisField.CONTROLNET_WEIGHT: ("units",),
    AxisField.CONTROLNET_START: ("units",),
    AxisField.CONTROLNET_END: ("units",),
    AxisField.POSE: ("units",),
}
"""The draft's fields that an axis changes, a unit's own among `units`."""


def prepare_cells(
    preflight: Preflight,
    user: User,
    plan: GridPlan,
    fields: Sequence[AxisField],
    ids: Sequence[str],
) -> tuple[Prepared, ...]:
    """One request for each cell, with these ids.

    Raises InvalidDraft with what is wrong in the first cells at fault, at the axis that did it
    where one did; else what `Preflight.run` raises.
    """
    batch, prepared = Batch(), list[Prepared]()
    problems: list[Problem] = []
    wrong = 0
    for cell, job_id in zip(plan.cells, ids, strict=True):
        try:
            ids_of_cell = partial(str, job_id)
            prepared.append(preflight.run(user, cell.draft, ids=ids_of_cell, batch=batch))
        except InvalidDraft as error:
            problems += at_axes(error.problems, plan, cell, fields)
            wrong += 1
        if wrong == _MOST_WRONG:
            break
    if problems:
        raise InvalidDraft(tuple(dict.fromkeys(problems)))
    return tuple(prepared)


def at_axes(
    problems: Sequence[Problem], plan: GridPlan, cell: PlannedCell, fields: Sequence[AxisField]
) -> Iterator[Problem]:
    """The problems of a cell, each at the axis that changes its field; the field is its name."""
    for problem in problems:
        for number, field in enumerate(fields):
            if _changes(field, problem.field):
                label = plan.labels[number][cell.place[number]]
                yield Problem(field, texts.value_is_wrong(label, problem.message))
                break
        else:
            yield problem


def _changes(field: AxisField, name: str) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in _CHANGES[field])
