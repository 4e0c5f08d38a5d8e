"""Says why a ControlNet unit will have no effect, or not the one that a user expects."""

from collections.abc import Sequence
from typing import Final

from core.jobs.draft import DraftUnit
from core.models.service import ModelFile
from formats.generation.controlnet_unit import Preprocessor
from poses.image_pose import ImagePose

NO_MODEL: Final = "This unit does nothing yet: choose a ControlNet model."
NO_WEIGHT: Final = "This unit does nothing: its weight is 0."
NO_STEPS: Final = "This unit does nothing: it starts where it ends."
NO_POSE: Final = "This unit does nothing yet: there is nobody in the pose."
NO_IMAGE: Final = "This unit does nothing yet: it has no picture."
NO_PEOPLE: Final = (
    "This unit does nothing: nobody was found in the photo, so the map would be black. Try "
    "another photo, or drag a figure over it in the pose editor."
)
NOT_FOR_MAPS: Final = (
    "The picture is a finished OpenPose map already. The preprocessor would spoil it: choose "
    "“none”."
)
MAP_IS_USED: Final = "The picture is a finished OpenPose map already and is used as it is."
NO_MAP: Final = (
    "The picture is no OpenPose map, which this model was trained on. Choose the preprocessor "
    "“openpose” to make one of it."
)
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
        return NO_MODEL
    for checkpoint in checkpoints:
        if not model.family.fits(checkpoint.family):
            return (
                f"This unit can't steer {checkpoint.name}: the model is for {model.family}, "
                f"the checkpoint is {checkpoint.family}."
            )
    if unit.weight <= 0:
        return NO_WEIGHT
    if unit.start >= unit.end:
        return NO_STEPS
    if unit.pose:
        return NO_POSE if unit.pose.shows_nobody else ""
    return "" if unit.picture else NO_IMAGE


def may_hold_people(unit: DraftUnit) -> bool:
    """Whether people, or a finished map, in its image make a difference to the unit."""
    return unit.preprocessor is not Preprocessor.NONE or _OPENPOSE in unit.model.lower()


def _image_note(unit: DraftUnit, model: ModelFile | None, image_pose: ImagePose | None) -> str:
    if image_pose is None:
        return ""
    if unit.preprocessor is Preprocessor.OPENPOSE:
        if image_pose.is_map:
            return MAP_IS_USED
        return NO_PEOPLE if image_pose.is_empty else ""
    if unit.preprocessor is not Preprocessor.NONE:
        return NOT_FOR_MAPS if image_pose.is_map else ""
    wants_map = model is not None and _OPENPOSE in model.name.lower()
    return NO_MAP if wants_map and not image_pose.is_map else ""
