"""A ControlNet unit that will do nothing, or not what one would think, says so and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.jobs.preparing.draft import DraftUnit
from core.jobs.preparing.unit_notes import unit_note
from core.models.service import ModelFile
from core.texts.jobs import jobs as texts
from formats.generation.controlnet_unit import Preprocessor
from formats.models.kinds import Family, ModelKind
from poses.image_pose import ImagePose
from tests.poses.figures import canvas, standing

POSE, NOBODY = canvas(standing()), canvas()
HIDDEN = canvas(standing(missing=tuple(range(18))))
PEOPLE, NO_PEOPLE, MAP = (
    ImagePose(skeleton=POSE, is_map=False),
    ImagePose(skeleton=NOBODY, is_map=False),
    ImagePose(skeleton=POSE, is_map=True),
)


def model(name: str, kind: ModelKind, family: Family) -> ModelFile:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return ModelFile(
        key=f"models/{kind}/{name}", kind=kind, name=name, size=1, modified=now, family=family
    )


OPENPOSE = model("control_openpose.safetensors", ModelKind.CONTROLNET, Family.SD1)
CANNY = model("control_canny.safetensors", ModelKind.CONTROLNET, Family.SD1)
FITS = model("fits.safetensors", ModelKind.CHECKPOINT, Family.SD1)
UNKNOWN = model("unknown.safetensors", ModelKind.CHECKPOINT, Family.UNKNOWN)
LARGE = model("large.safetensors", ModelKind.CHECKPOINT, Family.SDXL)


def noted(*checkpoints: ModelFile, by: ModelFile | None = OPENPOSE, **changes: Any) -> str:
    fields = {"model": by.name if by else "", "pose": POSE, **changes}
    return unit_note(DraftUnit(**fields), by, checkpoints or (FITS,))


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, ""),
        ({"by": None}, texts.UNIT_WITHOUT_MODEL),
        ({"weight": 0.0}, texts.UNIT_WITHOUT_WEIGHT),
        ({"start": 0.5, "end": 0.5}, texts.UNIT_WITHOUT_STEPS),
        ({"pose": NOBODY}, texts.UNIT_WITHOUT_POSE),
        ({"pose": HIDDEN}, texts.UNIT_WITHOUT_POSE),
        ({"pose": None}, texts.UNIT_WITHOUT_IMAGE),
    ],
)
def test_why_a_unit_does_nothing(changes: dict[str, Any], note: str) -> None:
    assert noted(**changes) == note


def test_a_model_of_another_family_is_named_with_the_checkpoint() -> None:
    assert noted(FITS, UNKNOWN) == "", "an unknown family is no reason to warn"
    said = noted(FITS, LARGE)
    assert "large.safetensors" in said
    assert "SDXL" in said


@pytest.mark.parametrize(
    ("by", "preprocessor", "image_pose", "note"),
    [
        (OPENPOSE, Preprocessor.OPENPOSE, PEOPLE, ""),
        (OPENPOSE, Preprocessor.OPENPOSE, NO_PEOPLE, texts.UNIT_WITHOUT_PEOPLE),
        (OPENPOSE, Preprocessor.OPENPOSE, MAP, texts.MAP_IS_USED),
        (CANNY, Preprocessor.CANNY, MAP, texts.NOT_FOR_MAPS),
        (CANNY, Preprocessor.CANNY, PEOPLE, ""),
        (OPENPOSE, Preprocessor.NONE, PEOPLE, texts.NO_MAP),
        (OPENPOSE, Preprocessor.NONE, MAP, ""),
        (CANNY, Preprocessor.NONE, PEOPLE, ""),
    ],
)
def test_a_picture_that_does_not_suit_its_preprocessor(
    by: ModelFile, preprocessor: Preprocessor, image_pose: ImagePose, note: str
) -> None:
    unit = DraftUnit(model=by.name, image=b"png", preprocessor=preprocessor)
    assert unit_note(unit, by, (FITS,), image_pose) == note
