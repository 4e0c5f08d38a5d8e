"""The scripts that make a grid of a form, with A1111's names, and what each needs."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from core.jobs.grids.axes import Poses
from core.jobs.grids.plan import (
    Expand,
    GridPlan,
    GridSpec,
    plan_dynamic,
    plan_grid,
    plan_lines,
    plan_matrix,
    with_one_wildcard_seed,
)
from core.jobs.preparing.draft import Draft
from formats.frozen import Frozen
from formats.prompts.prompt_matrix import MatrixDelimiter


class GridScript(StrEnum):
    """What makes the cells; the value is the word a user reads."""

    XYZ = "X/Y/Z plot"
    MATRIX = "Prompt matrix"
    LINES = "Prompts from file or textbox"
    DYNAMIC = "Dynamic prompts"
    """Of a prompt with choices; no form has it among its scripts, as its prompt says so."""


CHOSEN: Final = (GridScript.XYZ, GridScript.MATRIX, GridScript.LINES)
"""Those that a form offers."""


class ScriptSpec(Frozen):
    """A script as a form has it; of the fields those count that the script has."""

    script: GridScript
    grid: GridSpec = GridSpec(axes=())
    at_start: bool = False
    """The prompt matrix puts the chosen parts before the first one."""
    delimiter: MatrixDelimiter = MatrixDelimiter.COMMA
    lines: str = ""
    one_seed: bool = False
    """Every line, or dynamic prompt, without a seed has the same."""
    every: bool = False
    """All combinations of a dynamic prompt, up to `count`; without it, so many choices."""
    count: int = 1


def plan_script(
    draft: Draft,
    spec: ScriptSpec,
    poses: Poses,
    random_seed: Callable[[], int],
    expand: Expand,
) -> GridPlan:
    """The cells of a draft; `expand` tells what its dynamic prompts become.

    Raises InvalidInput at the axis, at `prompt` or at `grid`.
    """
    if spec.script is not GridScript.LINES:
        draft = with_one_wildcard_seed(draft, random_seed)
    match spec.script:
        case GridScript.XYZ:
            return plan_grid(draft, spec.grid, poses, random_seed)
        case GridScript.MATRIX:
            return plan_matrix(draft, random_seed, at_start=spec.at_start, delimiter=spec.delimiter)
        case GridScript.LINES:
            return plan_lines(draft, spec.lines, random_seed, one_seed=spec.one_seed)
        case GridScript.DYNAMIC:
            expansions = expand(draft, spec.every, spec.count)
            return plan_dynamic(draft, expansions, random_seed, one_seed=spec.one_seed)
