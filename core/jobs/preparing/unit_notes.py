"""Says why a ControlNet unit will have no effect, or not the one that a user expects."""

from collections.abc import Sequence
from typing import Final

from core.jobs.preparing.draft import DraftUnit
from core.models.service import ModelFile
from core.texts.jobs import jobs as texts
from formats.generation.controlnet_unit import Preprocessor
from poses.image_pose import ImagePose

_OPENPOSE: Final = "openpose"


def unit_note(
    unit: DraftUnit,
    model: ModelFile | None,
    checkpoints: Sequence[ModelFile],
    image_pose: ImagePose | None = None,
) -> str:
    """What to tell the user, or "". `image_pose` is what was found in the unit's image."""
    return _idle_reason(unit, model, checkpoints) or _image_note(unit, model, image_pose)


def _idle_reason(unit: DraftUnit, model: ModelFile | None, checkpoints: Sequence[ModelFile]) -> str:
    if not unit.model or model is None:
        return texts.UNIT_WITHOUT_MODEL
    for checkpoint in checkpoints:
        if not model.family.fits(checkpoint.family):
            return texts.unit_of_other_family(checkpoint.name, model.family, checkpoint.family)
    if unit.weight <= 0:
        return texts.UNIT_WITHOUT_WEIGHT
    if unit.start >= unit.end:
        return texts.UNIT_WITHOUT_STEPS
    if unit.pose:
        return texts.UNIT_WITHOUT_POSE if unit.pose.shows_nobody else ""
    return "" if unit.image else texts.UNIT_WITHOUT_IMAGE


def may_hold_people(unit: DraftUnit) -> bool:
    """Whether people, or a finished map, in its image make a difference to the unit."""
    return unit.preprocessor is not Preprocessor.NONE or _OPENPOSE in unit.model.lower()


def _image_note(unit: DraftUnit, model: ModelFile | None, image_pose: ImagePose | None) -> str:
    if image_pose is None:
        return ""
    if unit.preprocessor is Preprocessor.OPENPOSE:
        if image_pose.is_map:
            return texts.MAP_IS_USED
        return texts.UNIT_WITHOUT_PEOPLE if image_pose.is_empty else ""
    if unit.preprocessor is not Preprocessor.NONE:
        return texts.NOT_FOR_MAPS if image_pose.is_map else ""
    wants_map = model is not None and _OPENPOSE in model.name.lower()
    return texts.NO_MAP if wants_map and not image_pose.is_map else ""
