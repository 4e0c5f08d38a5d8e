"""The drafts of a contact sheet: one for each cell, with its label."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from core.errors import InvalidInput
from core.images.contact_sheet import MAX_CELLS
from core.jobs.draft import Draft, DraftUnit
from core.jobs.requests import RandomSeed
from core.texts import jobs as texts
from formats.generation.parameters import RANDOM_SEED
from formats.limits import MAX_SEED
from formats.openpose.skeleton import Skeleton
from poses.canvas import fit_to_canvas

_FIELD: Final = "sheet"


class SheetDraft(NamedTuple):
    """One cell of the sheet."""

    label: str
    draft: Draft


def drafts_by_seed(draft: Draft, count: int, random_seed: RandomSeed) -> tuple[SheetDraft, ...]:
    """The same pose with `count` seeds that follow each other. Raises InvalidInput."""
    first = _seed(_single_image(draft), random_seed)
    seeds = [(first + n) % (MAX_SEED + 1) for n in range(_check_count(count))]
    single = _single_image(draft)
    return tuple(
        SheetDraft(texts.seed_label(s), single.model_copy(update={"seed": s})) for s in seeds
    )


def drafts_by_pose(
    draft: Draft, poses: Iterable[tuple[str, Skeleton]], random_seed: RandomSeed
) -> tuple[SheetDraft, ...]:
    """Several poses, each with its label, in place of the pose of every unit that has one.

    All have one seed. Raises InvalidInput.
    """
    chosen = tuple(poses)
    _check_count(len(chosen))
    single = _single_image(draft)
    if not any(unit.pose for unit in single.units):
        raise InvalidInput(texts.SHEET_WITHOUT_POSE, _FIELD)
    seed = _seed(single, random_seed)
    return tuple(SheetDraft(label, _with_pose(single, pose, seed)) for label, pose in chosen)


def _with_pose(draft: Draft, pose: Skeleton, seed: int) -> Draft:
    units = tuple(_unit_with_pose(unit, pose) for unit in draft.units)
    return draft.model_copy(update={"units": units, "seed": seed})


def _unit_with_pose(unit: DraftUnit, pose: Skeleton) -> DraftUnit:
    if unit.pose is None:
        return unit
    return unit.model_copy(update={"pose": fit_to_canvas(pose, unit.pose.width, unit.pose.height)})


def _single_image(draft: Draft) -> Draft:
    """One image for each cell. Raises InvalidInput where several checkpoints would make more."""
    if len(draft.checkpoints) > 1:
        raise InvalidInput(texts.SHEET_WITH_CHECKPOINTS, _FIELD)
    return draft.model_copy(update={"batch_size": 1, "batch_count": 1})


def _seed(draft: Draft, random_seed: RandomSeed) -> int:
    return random_seed() if draft.seed in {None, RANDOM_SEED} else draft.seed


def _check_count(count: int) -> int:
    if not 2 <= count <= MAX_CELLS:
        raise InvalidInput(texts.sheet_size(MAX_CELLS), _FIELD)
    return count
