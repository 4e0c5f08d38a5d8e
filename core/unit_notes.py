"""Says of a ControlNet unit why it will not steer the picture."""

from collections.abc import Sequence
from typing import Final

from core.draft import DraftUnit
from core.models import ModelFile

NO_MODEL: Final = "This unit does nothing yet: choose a ControlNet model."
NO_WEIGHT: Final = "This unit does nothing: its weight is 0."
NO_SPAN: Final = "This unit does nothing: it starts where it ends."
NO_POSE: Final = "This unit does nothing yet: there is nobody in the pose."
NO_PICTURE: Final = "This unit does nothing yet: it has no picture."


def why_idle(
    unit: DraftUnit, model: ModelFile | None, checkpoints: Sequence[ModelFile], *, posed: bool
) -> str:
    """The reason, or "" for a unit at work. `posed` says that it takes the editor's pose."""
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
    if posed:
        people = unit.pose.people if unit.pose else ()
        return "" if any(any(person.visible()) for person in people) else NO_POSE
    return "" if unit.picture else NO_PICTURE
