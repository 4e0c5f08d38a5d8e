"""Plans a grid: its cells in the order that they are sent, each with the draft it asks for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Final

from pydantic import Field

from core.errors import InvalidInput
from core.jobs.grids.axes import AxisSpec, AxisValue, Poses, axis_cost, axis_values
from core.jobs.preparing.draft import Draft
from core.prompts.service import Expansion
from core.texts.jobs import jobs as texts
from core.texts.jobs import wildcards
from formats.frozen import Frozen
from formats.generation.parameters import RANDOM_SEED
from formats.limits import MAX_SEED
from formats.prompts.dynamic.prompt_pair import is_dynamic
from formats.prompts.prompt_lines import PromptLine, read_prompt_lines
from formats.prompts.prompt_matrix import MatrixDelimiter, matrix_prompts
from formats.prompts.styles_csv import Prompts

MAX_CELLS: Final = 400
"""Of one grid: each is a job."""

MAX_AXES: Final = 3
"""X, Y and Z."""


_CHOICES: Final = re.compile(r"\{[^{}]*\|")
"""Braces with a bar, which a prompt matrix would split."""

Expand = Callable[[Draft, bool, int], Sequence[Expansion]]
"""What becomes of a draft's dynamic prompts: all combinations or not, and how many."""


class GridSpec(Frozen):
    """An X/Y/Z grid as a form has it."""

    axes: Annotated[tuple[AxisSpec, ...], Field(max_length=MAX_AXES)]
    keep_random_seeds: bool = False
    """A seed of -1 is another one in each cell; without it, one for all."""
    vary_seeds: bool = False
    """Each cell's seed is the first one's plus its number."""


@dataclass(frozen=True)
class PlannedCell:
    """One cell: its place on each axis, and what it asks for."""

    place: tuple[int, ...]
    draft: Draft


@dataclass(frozen=True)
class GridPlan:
    """All cells in the order that they are sent, and the labels of each axis."""

    labels: tuple[tuple[str, ...], ...]
    cells: tuple[PlannedCell, ...]


def plan_grid(
    draft: Draft, spec: GridSpec, poses: Poses, random_seed: Callable[[], int]
) -> GridPlan:
    """The grid of a draft. Raises InvalidInput with the axis as the field."""
    if not spec.axes:
        raise InvalidInput(texts.GRID_WITHOUT_AXES, "grid")
    fields = [axis.field for axis in spec.axes]
    if len(set(fields)) < len(fields):
        raise InvalidInput(texts.AXIS_TWICE, "grid")
    base = single_image(draft)
    if not spec.keep_random_seeds:
        base = with_one_seed(base, random_seed)
    axes = [axis_values(axis, base, poses) for axis in spec.axes]
    _check_count(axes)
    cells = [
        PlannedCell(place, _cell_draft(base, axes, place, spec)) for place in _places(spec, axes)
    ]
    return GridPlan(tuple(tuple(v.label for v in axis) for axis in axes), tuple(cells))


def plan_prompts(draft: Draft, prompts: Sequence[str], random_seed: Callable[[], int]) -> GridPlan:
    """One row of cells, each with another prompt; all have one seed."""
    base = with_one_seed(single_image(draft), random_seed)
    if len(prompts) > MAX_CELLS:
        raise InvalidInput(texts.too_many_cells(len(prompts), MAX_CELLS), "grid")
    cells = tuple(
        PlannedCell((number,), base.model_copy(update={"prompt": prompt}))
        for number, prompt in enumerate(prompts)
    )
    return GridPlan((tuple(prompts),), cells)


def plan_matrix(
    draft: Draft,
    random_seed: Callable[[], int],
    *,
    at_start: bool = False,
    delimiter: MatrixDelimiter = MatrixDelimiter.COMMA,
) -> GridPlan:
    """The prompt matrix of the draft's prompt. Raises InvalidInput."""
    if _CHOICES.search(draft.prompt):
        raise InvalidInput(wildcards.MATRIX_WITH_CHOICES, "prompt")
    try:
        prompts = matrix_prompts(draft.prompt, at_start=at_start, delimiter=delimiter)
    except ValueError as error:
        raise InvalidInput(str(error), "prompt") from error
    if len(prompts) < 2:
        raise InvalidInput(texts.MATRIX_WITHOUT_BAR, "prompt")
    return plan_prompts(draft, prompts, random_seed)


def plan_lines(
    draft: Draft, text: str, random_seed: Callable[[], int], *, one_seed: bool = False
) -> GridPlan:
    """A cell for each line of a file of prompts, with the options that stand in it.

    `one_seed` gives all lines without a seed the same one. Raises InvalidInput.
    """
    try:
        lines = read_prompt_lines(text)
    except ValueError as error:
        raise InvalidInput(str(error), "grid") from error
    if len(lines) > MAX_CELLS:
        raise InvalidInput(texts.too_many_cells(len(lines), MAX_CELLS), "grid")
    base = with_one_seed(draft, random_seed) if one_seed else draft
    cells = tuple(PlannedCell((n,), _with_line(base, line)) for n, line in enumerate(lines))
    return GridPlan((tuple(line.prompt or draft.prompt for line in lines),), cells)


def plan_dynamic(
    draft: Draft,
    expansions: Sequence[Expansion],
    random_seed: Callable[[], int],
    *,
    one_seed: bool = False,
) -> GridPlan:
    """A cell for each text of the draft's dynamic prompts. Raises InvalidInput."""
    single_image(draft)
    base = with_one_seed(draft, random_seed) if one_seed else draft
    cells = tuple(
        PlannedCell(
            (number,),
            base.model_copy(
                update={"wildcard_seed": each.wildcard_seed, "combination": each.combination}
            ),
        )
        for number, each in enumerate(expansions)
    )
    return GridPlan((tuple(each.prompts.prompt for each in expansions),), cells)


def with_one_wildcard_seed(draft: Draft, random_seed: Callable[[], int]) -> Draft:
    """The draft with its wildcard seed chosen, so that all its copies choose the same."""
    may_choose = draft.styles or is_dynamic(Prompts(draft.prompt, draft.negative_prompt))
    if not may_choose or draft.wildcard_seed not in {None, RANDOM_SEED}:
        return draft
    return draft.model_copy(update={"wildcard_seed": random_seed()})


def single_image(draft: Draft) -> Draft:
    """One image for each cell. Raises InvalidInput where several checkpoints would make more."""
    if len(draft.checkpoints) > 1:
        raise InvalidInput(texts.SHEET_WITH_CHECKPOINTS, "grid")
    return draft.model_copy(update={"batch_size": 1, "batch_count": 1})


def with_one_seed(draft: Draft, random_seed: Callable[[], int]) -> Draft:
    """The draft with its random seeds chosen, so that all its copies have the same."""
    names = ("seed", "variation_seed")
    unset = {n: random_seed() for n in names if getattr(draft, n) in {None, RANDOM_SEED}}
    return draft.model_copy(update=unset)


def _with_line(draft: Draft, line: PromptLine) -> Draft:
    told = line.model_dump(exclude_none=True, exclude={"styles", "ignored", "checkpoint"})
    if line.checkpoint:
        told["checkpoints"] = (line.checkpoint,)
    if line.styles:
        told["styles"] = line.styles
    return draft.model_copy(update=told)


def _check_count(axes: Sequence[Sequence[AxisValue]]) -> None:
    count = 1
    for axis in axes:
        count *= len(axis)
    if count > MAX_CELLS:
        raise InvalidInput(texts.too_many_cells(count, MAX_CELLS), "grid")


def _places(spec: GridSpec, axes: Sequence[Sequence[AxisValue]]) -> list[tuple[int, ...]]:
    """Every cell's place, the dearest axis changing least often."""
    numbers = range(len(axes))
    by_cost = sorted(numbers, key=lambda n: axis_cost(spec.axes[n].field), reverse=True)
    places = []
    for indices in product(*(range(len(axes[n])) for n in by_cost)):
        at = dict(zip(by_cost, indices, strict=True))
        places.append(tuple(at[n] for n in numbers))
    return places


def _cell_draft(
    base: Draft, axes: Sequence[Sequence[AxisValue]], place: Sequence[int], spec: GridSpec
) -> Draft:
    draft = base
    for axis, index in zip(axes, place, strict=True):
        draft = axis[index].change(draft)
    if spec.vary_seeds and draft.seed not in {None, RANDOM_SEED}:
        offset, stride = 0, 1
        for axis, index in zip(axes, place, strict=True):
            offset, stride = offset + index * stride, stride * len(axis)
        draft = draft.model_copy(update={"seed": (draft.seed + offset) % (MAX_SEED + 1)})
    return draft
