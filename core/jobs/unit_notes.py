"""Says of a ControlNet unit why it will not steer the picture, or not as one would think."""

from collections.abc import Sequence
from typing import Final

from core.jobs.draft import DraftUnit
from core.models.service import ModelFile
from formats.generation.controlnet_unit import Preprocessor
from poses.image_pose import ImagePose

NO_MODEL: Final = "This unit does nothing yet: choose a ControlNet model."
NO_WEIGHT: Final = "This unit does nothing: its weight is 0."
NO_SPAN: Final = "This unit does nothing: it starts where it ends."
NO_POSE: Final = "This unit does nothing yet: there is nobody in the pose."
NO_PICTURE: Final = "This unit does nothing yet: it has no picture."
NO_PEOPLE: Final = (
    "This unit does nothing: nobody was found in the photo, so the map would be black. Try "
    "another photo, or drag a figure over it in the pose editor."
)
MAP_AGAIN: Final = (
    "The picture is a finished OpenPose map already. The preprocessor would spoil it: choose "
    "“none”."
)
NO_NEED: Final = "The picture is a finished OpenPose map already and is used as it is."
NO_MAP: Final = (
    "The picture is no OpenPose map, which this model was trained on. Choose the preprocessor "
    "“openpose” to make one of it."
)
_OPENPOSE: Final = "openpose"


def unit_note(
    unit: DraftUnit,
    model: ModelFile | None,
    checkpoints: Sequence[ModelFile],
    seen: ImagePose | None = None,
) -> str:
    """What to tell the user, or "". `seen` is who was found in the unit's picture."""
    return _why_idle(unit, model, checkpoints) or _about_picture(unit, model, seen)


def _why_idle(unit: DraftUnit, model: ModelFile | None, checkpoints: Sequence[ModelFile]) -> str:
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
        return NO_SPAN
    if unit.pose:
        return NO_POSE if unit.pose.shows_nobody else ""
    return "" if unit.picture else NO_PICTURE


def may_hold_people(unit: DraftUnit) -> bool:
    """Whether it matters to the unit if there are people in its picture, or a finished map."""
    return unit.preprocessor is not Preprocessor.NONE or _OPENPOSE in unit.model.lower()


def _about_picture(unit: DraftUnit, model: ModelFile | None, seen: ImagePose | None) -> str:
    if seen is None:
        return ""
    if unit.preprocessor is Preprocessor.OPENPOSE:
        if seen.is_map:
            return NO_NEED
        return NO_PEOPLE if seen.is_empty else ""
    if unit.preprocessor is not Preprocessor.NONE:
        return MAP_AGAIN if seen.is_map else ""
    wants_map = model is not None and _OPENPOSE in model.name.lower()
    return NO_MAP if wants_map and not seen.is_map else ""
