"""Owns a request's ControlNet unit: the net, the picture that steers it, and how much."""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from formats import limits, texts
from formats.frozen import Frozen
from formats.generation.fields import Fraction, ResizeMode
from formats.generation.problems import refuse_contradictions
from formats.generation.unchecked import unchecked
from formats.keys import FileName, Sha256
from formats.openpose.skeleton import Skeleton


class ControlMode(StrEnum):
    """Who wins when prompt and control disagree (sd-webui-controlnet scripts/enums.py)."""

    BALANCED = "Balanced"
    PROMPT = "My prompt is more important"
    CONTROL = "ControlNet is more important"


class Preprocessor(StrEnum):
    """What makes the control map from the unit's picture (sd-webui-controlnet's names)."""

    NONE = "none"
    """The picture is the map."""
    OPENPOSE = "openpose"
    """Detects the people; a picture that is a finished skeleton already is used as it is."""
    CANNY = "canny"
    """Edges; threshold A and B are the lower and the upper one."""
    INVERT = "invert (from white bg & black line)"
    THRESHOLD = "threshold"
    """White where the picture is brighter than threshold A: a scribble map."""


DEFAULT_THRESHOLDS: Final = {Preprocessor.CANNY: (100, 200), Preprocessor.THRESHOLD: (127, 0)}
"""Thresholds A and B where the unit names none (sd-webui-controlnet's defaults)."""

Threshold = Annotated[int, Field(ge=0, le=255)]


class UnitSettings(Frozen):
    """How a unit's control map is made and applied."""

    preprocessor: Preprocessor = Preprocessor.NONE
    resolution: Annotated[int, Field(ge=64, le=limits.MAX_SIDE)] | None = None
    """Shorter side, in pixels, at which the preprocessor works; None is "pixel perfect": the size
    at which the map will be used, so that nothing is scaled twice."""
    threshold_a: Threshold | None = None
    threshold_b: Threshold | None = None
    weight: Annotated[float, Field(ge=0, le=limits.MAX_CONTROLNET_WEIGHT)] = 1.0
    start: Fraction = 0.0
    end: Fraction = 1.0
    """The share of the steps between which the unit is applied."""
    control_mode: ControlMode = ControlMode.BALANCED
    resize_mode: ResizeMode = ResizeMode.CROP


class ControlNetUnit(UnitSettings):
    """One ControlNet and the image that it is given."""

    model: FileName
    image: Sha256
    """The input image: for a pose, the finished map."""
    pose: Skeleton | None = None
    """The keypoints the map was drawn from, where they are known."""
    stroke: Annotated[float, Field(gt=0, le=64)] | None = None
    """Half-width of the limbs of the drawn map, in pixels."""

    @property
    def thresholds(self) -> tuple[int, int]:
        """A and B, with the preprocessor's defaults where none are named."""
        a, b = DEFAULT_THRESHOLDS.get(self.preprocessor, (0, 0))
        return (
            a if self.threshold_a is None else self.threshold_a,
            b if self.threshold_b is None else self.threshold_b,
        )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        low, high = self.thresholds
        crossed = self.preprocessor is Preprocessor.CANNY and low > high
        latent = self.resize_mode is ResizeMode.LATENT
        refuse_contradictions(
            (
                (self.start >= self.end, "end", texts.UNIT_ENDS_EARLY),
                (latent, "resize_mode", texts.UNIT_WITHOUT_LATENTS),
                (crossed, "threshold_a", texts.THRESHOLDS_CROSSED),
            )
        )
        return self


@unchecked
class UncheckedUnitSettings(UnitSettings):
    """The same as a form has them."""
