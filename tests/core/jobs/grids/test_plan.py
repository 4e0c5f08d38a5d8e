"""The plan of a grid: which cells, in which order, with which drafts."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.errors import InvalidInput
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import (
    MAX_CELLS,
    GridPlan,
    GridSpec,
    plan_dynamic,
    plan_grid,
    plan_lines,
    plan_matrix,
)
from core.jobs.grids.scripts import GridScript, ScriptSpec, plan_script
from core.jobs.preparing.draft import Draft, DraftUnit
from core.prompts.service import Expansion
from formats.generation.parameters import Mode
from formats.generation.request import LoraUse
from formats.generation.upscaling import UncheckedHires
from formats.limits import MAX_SEED
from formats.openpose.skeleton import Skeleton
from formats.prompts.styles_csv import Prompts

DRAFT = Draft(endpoint="e", checkpoints=("a.safetensors",), prompt="a red dog", batch_size=4)


def no_poses(_ids: Sequence[str]) -> Sequence[tuple[str, Skeleton]]:
    return ()


def plan(*axes: tuple[AxisField, str], draft: Draft = DRAFT, **options: Any) -> GridPlan:
    specs = tuple(AxisSpec(field=field, values=values) for field, values in axes)
    return plan_grid(draft, GridSpec(axes=specs, **options), no_poses, lambda: 77)


def values(made: GridPlan, field: str) -> list[Any]:
    return [getattr(cell.draft, field) for cell in made.cells]


@pytest.mark.parametrize(
    ("axis", "typed", "field", "wanted"),
    [
        (AxisField.STEPS, "10-20 (+5)", "steps", [10, 15, 20]),
        (AxisField.CFG_SCALE, "4-8 [3]", "cfg_scale", [4.0, 6.0, 8.0]),
        (AxisField.SEED, "1, 5", "seed", [1, 5]),
        (AxisField.SAMPLER, "Euler a, DDIM", "sampler", ["Euler a", "DDIM"]),
        (AxisField.CHECKPOINT, "a.st, b.st", "checkpoints", [("a.st",), ("b.st",)]),
        (AxisField.PROMPT_SR, "red, blue", "prompt", ["a red dog", "a blue dog"]),
        (AxisField.PROMPT_ORDER, "red, dog", "prompt", ["a red dog", "a dog red"]),
        (AxisField.PROMPT, "one, two\nthree", "prompt", ["one, two", "three"]),
        (AxisField.SIZE, "512x768, 640 × 512", "height", [768, 512]),
        (AxisField.CLIP_SKIP, "1-2", "clip_skip", [1, 2]),
    ],
)
def test_an_axis_changes_its_field(
    axis: AxisField, typed: str, field: str, wanted: list[Any]
) -> None:
    assert values(plan((axis, typed)), field) == wanted


def test_axes_of_a_drafts_parts_change_these() -> None:
    whole = DRAFT.model_copy(
        update={
            "units": (DraftUnit(model="pose", image=b""),),
            "hires": UncheckedHires(),
            "loras": (LoraUse(name="a.safetensors"),),
        }
    )
    cell = plan((AxisField.CONTROLNET_WEIGHT, "0.5"), draft=whole).cells[0].draft
    assert cell.units[0].weight == 0.5
    cell = plan((AxisField.HIRES_SCALE, "1.5"), draft=whole).cells[0].draft
    assert cell.hires == UncheckedHires(scale=1.5)
    cell = plan((AxisField.DENOISING, "0.4"), draft=whole).cells[0].draft
    assert cell.hires == UncheckedHires(denoising_strength=0.4)
    assert plan((AxisField.LORA_WEIGHT, "0.7"), draft=whole).cells[0].draft.loras[0].weight == 0.7


def test_every_cell_has_one_image_and_the_same_seed() -> None:
    made = plan((AxisField.STEPS, "10, 20"), (AxisField.CFG_SCALE, "4, 5, 6"))
    assert made.labels == (("10", "20"), ("4", "5", "6"))
    assert {(c.draft.batch_size, c.draft.seed, c.draft.variation_seed) for c in made.cells} == {
        (1, 77, 77)
    }
    assert len({cell.place for cell in made.cells}) == 6


def test_the_dearest_axis_changes_least_often() -> None:
    made = plan((AxisField.STEPS, "1, 2"), (AxisField.CHECKPOINT, "a, b"), (AxisField.VAE, "x, y"))
    parts = [(c.draft.checkpoints[0], c.draft.vae, c.draft.steps) for c in made.cells]
    assert parts == sorted(parts)
    assert made.cells[1].place == (1, 0, 0)


@pytest.mark.parametrize(
    ("options", "seeds"),
    [
        ({}, [77, 77, 77, 77]),
        ({"keep_random_seeds": True}, [-1, -1, -1, -1]),
        ({"vary_seeds": True}, [77, 79, 78, 80]),
    ],
)
def test_seeds_of_the_cells(options: dict[str, Any], seeds: list[int]) -> None:
    made = plan((AxisField.STEPS, "1, 2"), (AxisField.CFG_SCALE, "4, 5"), **options)
    assert values(made, "seed") == seeds


def test_seeds_that_vary_stay_below_their_largest() -> None:
    draft = DRAFT.model_copy(update={"seed": MAX_SEED})
    made = plan((AxisField.STEPS, "1, 2"), draft=draft, vary_seeds=True)
    assert values(made, "seed") == [MAX_SEED, 0]


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ([], "at least one axis"),
        ([(AxisField.STEPS, "")], "at least one value"),
        ([(AxisField.STEPS, "many")], "no number or range"),
        ([(AxisField.STEPS, "1"), (AxisField.STEPS, "2")], "same field"),
        ([(AxisField.PROMPT_SR, "cat, dog")], "did not find “cat”"),
        ([(AxisField.SIZE, "big")], "Write 512x768"),
        ([(AxisField.SIZE, "512x")], "Write 512x768"),
        ([(AxisField.CONTROLNET_WEIGHT, "1")], "No ControlNet unit"),
        ([(AxisField.HIRES_STEPS, "1")], "Hires fix is off"),
        ([(AxisField.LORA_WEIGHT, "1")], "No LoRA"),
        ([(AxisField.DENOISING, "1")], "denoising strength"),
        ([(AxisField.POSE, "x")], "No unit takes its picture from the pose"),
        ([(AxisField.SEED, "1-30"), (AxisField.STEPS, "1-30")], "900 pictures"),
    ],
)
def test_what_makes_no_grid_is_said(axes: list[tuple[AxisField, str]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan(*axes)


def test_a_grid_takes_one_checkpoint() -> None:
    draft = DRAFT.model_copy(update={"checkpoints": ("a", "b")})
    with pytest.raises(InvalidInput, match="one checkpoint"):
        plan((AxisField.STEPS, "1"), draft=draft)


def test_a_prompt_matrix_is_a_row_of_one_seed() -> None:
    draft = DRAFT.model_copy(update={"prompt": "city | ink | night"})
    made = plan_matrix(draft, lambda: 5)
    assert values(made, "prompt") == ["city", "city, ink", "city, night", "city, ink, night"]
    assert values(made, "seed") == [5] * 4
    with pytest.raises(InvalidInput, match=r"Write \| between"):
        plan_matrix(DRAFT, lambda: 5)
    with pytest.raises(InvalidInput, match="8 parts are the most"):
        plan_matrix(DRAFT.model_copy(update={"prompt": "|" * 9}), lambda: 5)


def test_a_file_of_prompts_is_a_job_for_each_line() -> None:
    text = "one\n--prompt two --steps 5 --n_iter 2 --sd_model b.safetensors --seed 3"
    made = plan_lines(DRAFT, text, lambda: 9, one_seed=True)
    assert values(made, "prompt") == ["one", "two"]
    assert values(made, "steps") == [20, 5]
    assert values(made, "batch_count") == [1, 2]
    assert values(made, "batch_size") == [4, 4]
    assert values(made, "checkpoints") == [("a.safetensors",), ("b.safetensors",)]
    assert values(made, "seed") == [9, 3]
    assert values(plan_lines(DRAFT, text, lambda: 9), "seed") == [-1, 3]


def test_dynamic_prompts_are_a_row_of_seeds_or_combinations() -> None:
    draft = DRAFT.model_copy(update={"prompt": "{a|b}"})
    pairs = [Prompts(text, "") for text in ("a", "b")]
    by_seed = [Expansion(pair, 7 + n) for n, pair in enumerate(pairs)]
    made = plan_dynamic(draft, by_seed, lambda: 5)
    assert made.labels == (("a", "b"),)
    assert values(made, "prompt") == ["{a|b}"] * 2
    assert values(made, "wildcard_seed") == [7, 8]
    assert values(made, "seed") == [-1, -1]
    numbered = [Expansion(pair, None, n) for n, pair in enumerate(pairs)]
    made = plan_dynamic(draft, numbered, lambda: 5, one_seed=True)
    assert values(made, "combination") == [0, 1]
    assert values(made, "seed") == [5, 5]
    two = draft.model_copy(update={"checkpoints": ("a.safetensors", "b.safetensors")})
    with pytest.raises(InvalidInput):
        plan_dynamic(two, by_seed, lambda: 5)


@pytest.mark.parametrize(
    ("script", "prompt", "seeds"),
    [
        (GridScript.XYZ, "{a|b}", {5}),
        (GridScript.XYZ, "plain", {-1}),
        (GridScript.MATRIX, "__a__ | b", {5}),
        (GridScript.LINES, "{a|b}", {-1}),
    ],
)
def test_the_cells_of_a_script_have_one_wildcard_seed_but_lines(
    script: GridScript, prompt: str, seeds: set[int]
) -> None:
    axes = (AxisSpec(field=AxisField.STEPS, values="1-2"),)
    spec = ScriptSpec(script=script, grid=GridSpec(axes=axes), lines="{a|b}\n__c__")
    draft = DRAFT.model_copy(update={"prompt": prompt})
    made = plan_script(draft, spec, no_poses, lambda: 5, lambda *_: [])
    assert set(values(made, "wildcard_seed")) == seeds
    assert len(made.cells) == 2


def test_a_prompt_matrix_takes_no_choices_in_braces() -> None:
    with pytest.raises(InvalidInput, match="can't have choices in braces"):
        plan_matrix(DRAFT.model_copy(update={"prompt": "{a|b} | c"}), lambda: 5)


@pytest.mark.parametrize(("text", "said"), [("", "no prompt"), ("a\n" * (MAX_CELLS + 1), "401")])
def test_a_file_that_makes_no_jobs_is_said(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        plan_lines(DRAFT, text, lambda: 9)


def test_denoising_is_the_images_own_in_img2img() -> None:
    draft = DRAFT.model_copy(update={"mode": Mode.IMG2IMG})
    assert values(plan((AxisField.DENOISING, "0.3"), draft=draft), "denoising_strength") == [0.3]
