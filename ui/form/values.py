"""Owns what a generation form holds between runs: plain values that survive a restart."""

from enum import StrEnum
from typing import Any, Final

from pydantic import Field

from core.images.outpaint import UncheckedOutpaint
from core.jobs.grids.axes import AxisField
from core.poses.records import SavedPose
from formats.frozen import Tolerant
from formats.generation.controlnet_unit import DEFAULT_THRESHOLDS, ControlMode, Preprocessor
from formats.generation.fields import ResizeMode
from formats.generation.inpaint import UncheckedInpaint
from formats.generation.parameters import RANDOM_SEED, Mode, UncheckedParameters
from formats.generation.upscaling import UncheckedHires, UncheckedUpscale
from formats.openpose.skeleton import Skeleton
from formats.prompts.prompt_matrix import MatrixDelimiter

OWN_VAE: Final = ""
"""Stands for the checkpoint's own VAE in the picker."""


class Source(StrEnum):
    """Where a unit's map comes from; the value is the word a user reads."""

    POSE = "Pose"
    SKETCH = "Sketch"
    IMAGE = "Picture"

    @property
    def is_board(self) -> bool:
        """Whether it comes from a drawing board."""
        return self is not Source.IMAGE


class UnitValues(Tolerant):
    """A ControlNet unit but its images."""

    enabled: bool = True
    source: Source = Source.POSE
    own: bool = False
    """Whether it has a drawing board of its own."""
    preprocessor: Preprocessor = Preprocessor.NONE
    pixel_perfect: bool = True
    resolution: int = 512
    edges: tuple[int, int] = DEFAULT_THRESHOLDS[Preprocessor.CANNY]
    """Thresholds A and B of canny."""
    brightness: int = DEFAULT_THRESHOLDS[Preprocessor.THRESHOLD][0]
    """Threshold A of threshold."""
    model: str | None = None
    weight: float = 1.0
    span: tuple[float, float] = (0.0, 1.0)
    mode: ControlMode = ControlMode.BALANCED
    resize: ResizeMode = ResizeMode.CROP

    pose: Skeleton | None = None
    """The skeleton on its own board."""
    saved: SavedPose | None = None
    """The team's pose that this one came from, as it was then."""


class MaskSource(StrEnum):
    """Where an inpaint job's mask comes from; the value is the word a user reads.

    With `OUTPAINT` it is what the image is extended by.
    """

    PAINT = "Paint the mask"
    UPLOAD = "Upload a mask"
    OUTPAINT = "Outpaint"


class SheetCell(Tolerant):
    """One image of a contact sheet: its job, and what it differs by."""

    job: str
    label: str


NOTHING: Final = ""
"""Stands for no script, and for an axis that changes nothing."""


class ScriptValues(Tolerant):
    """The script below the form, with the fields of all scripts; the axes are X, Y and Z."""

    kind: str = NOTHING
    """A `GridScript`."""
    x: str = AxisField.SEED
    x_values: str = ""
    x_poses: list[str] = Field(default_factory=list)
    y: str = NOTHING
    y_values: str = ""
    y_poses: list[str] = Field(default_factory=list)
    z: str = NOTHING
    z_values: str = ""
    z_poses: list[str] = Field(default_factory=list)
    keep_random_seeds: bool = False
    vary_seeds: bool = False
    at_start: bool = False
    delimiter: MatrixDelimiter = MatrixDelimiter.COMMA
    lines: str = ""
    one_seed: bool = False


class DynamicValues(Tolerant):
    """What is made of a dynamic prompt."""

    every: bool = False
    """All combinations, up to `most`; without it, `count` random ones."""
    count: int = 1
    most: int = 100
    wildcard_seed: int = RANDOM_SEED
    one_seed: bool = False


class FormValues(UncheckedParameters):
    """Every field of Generate and ControlNet but the images. Values may be wrong: core says so."""

    model_config = Tolerant.model_config

    endpoint: str | None = None
    mode: Mode = Mode.TXT2IMG
    checkpoints: list[str] = Field(default_factory=list)
    vae: str = OWN_VAE
    styles: list[str] = Field(default_factory=list)
    """Names, in the order that they are applied in."""
    loras: list[str] = Field(default_factory=list)
    lora_weights: dict[str, float] = Field(default_factory=dict)

    mask_source: MaskSource = MaskSource.PAINT
    brush: int = 40
    """Width of the mask's brush, of which 420 make the longest side of the image."""
    inpaint: UncheckedInpaint = Field(default_factory=UncheckedInpaint)
    outpaint: UncheckedOutpaint = Field(default_factory=UncheckedOutpaint)

    with_hires: bool = False
    hires: UncheckedHires = Field(default_factory=UncheckedHires)
    upscale: UncheckedUpscale = Field(default_factory=UncheckedUpscale)

    units: list[UnitValues] = Field(default_factory=lambda: [UnitValues()])
    pose: Skeleton | None = None
    """The skeleton on the shared board."""
    saved: SavedPose | None = None
    """The team's pose that this one came from, as it was then."""

    script: ScriptValues = Field(default_factory=ScriptValues)
    dynamic: DynamicValues = Field(default_factory=DynamicValues)
    grid: str = ""
    """Id of the grid that was asked for last."""
    sheet: list[SheetCell] = Field(default_factory=list)
    """The contact sheet that was asked for last, of an older version."""


PARTS: Final = ("inpaint", "outpaint", "hires", "upscale", "script", "dynamic")
"""Groups of fields with a widget each, whose names are `<group>.<field>`."""

_WITHOUT_WIDGET: Final = {*PARTS, "lora_weights", "pose", "saved", "units", "sheet", "grid"}

WIDGET_FIELDS: Final = (
    *(name for name in FormValues.model_fields if name not in _WITHOUT_WIDGET),
    *(f"inpaint.{name}" for name in UncheckedInpaint.model_fields),
    *(f"outpaint.{name}" for name in UncheckedOutpaint.model_fields),
    *(f"hires.{name}" for name in UncheckedHires.model_fields),
    *(f"upscale.{name}" for name in UncheckedUpscale.model_fields),
    *(f"script.{name}" for name in ScriptValues.model_fields),
    *(f"dynamic.{name}" for name in DynamicValues.model_fields),
)
"""Fields that are one widget each; its key is the form's name and the field's."""

UNIT_FIELDS: Final = tuple(f for f in UnitValues.model_fields if f not in {"pose", "saved"})
"""The same of one ControlNet unit."""


def value_at(values: FormValues, field: str) -> Any:
    """The value of a field, `hires.scale` included."""
    group, _, name = field.rpartition(".")
    return getattr(getattr(values, group) if group else values, name)


def default_of(field: str) -> Any:
    """What a field holds in a form that nobody has touched."""
    return value_at(FormValues(), field)


def with_changes(values: FormValues, changes: dict[str, Any]) -> FormValues:
    """The same with some fields replaced, checked for their types."""
    flat = {field: value for field, value in changes.items() if "." not in field}
    whole = {**dict(values), **flat}
    for group in PARTS:
        inside = {
            field.removeprefix(f"{group}."): value
            for field, value in changes.items()
            if field.startswith(f"{group}.")
        }
        whole[group] = {**dict(whole[group]), **inside}
    return FormValues.model_validate(whole)
