"""Owns what a generation form holds between runs: plain values that survive a restart."""

from enum import StrEnum
from typing import Any, Final

from pydantic import Field, model_validator

from core.jobs.draft import RANDOM_SEED
from core.poses.records import SavedPose
from formats.frozen import Tolerant
from formats.generation.controlnet_unit import DEFAULT_THRESHOLDS, ControlMode, Preprocessor
from formats.generation.fields import ResizeMode
from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.generation.request import Mode
from formats.generation.samplers import Sampler, Schedule
from formats.generation.upscaling import LatentUpscaler, PixelUpscaler
from formats.openpose.skeleton import Skeleton

OWN_VAE: Final = ""
"""Stands for the checkpoint's own VAE in the picker."""


class Source(StrEnum):
    """Where a unit's picture comes from; the value is the word a user reads."""

    POSE = "Pose"
    SKETCH = "Sketch"
    PICTURE = "Picture"

    @property
    def is_drawn(self) -> bool:
        """Whether it comes from a drawing board."""
        return self is not Source.PICTURE


class UnitValues(Tolerant):
    """A ControlNet unit but its pictures."""

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
    """Where an inpaint job's mask comes from; the value is the word a user reads."""

    PAINT = "Paint the mask"
    UPLOAD = "Upload a mask"


class SheetCell(Tolerant):
    """One picture of a contact sheet: its job, and what it differs by."""

    job: str
    label: str


class FormValues(Tolerant):
    """Every field of Generate and ControlNet but the pictures. Values may be wrong: core says so.

    A number is None where its field was emptied.
    """

    endpoint: str | None = None
    checkpoints: list[str] = Field(default_factory=list)
    vae: str = OWN_VAE
    loras: list[str] = Field(default_factory=list)
    lora_weights: dict[str, float] = Field(default_factory=dict)

    mode: Mode = Mode.TXT2IMG
    prompt: str = ""
    negative_prompt: str = ""
    sampler: Sampler = Sampler.DPMPP_2M
    schedule: Schedule = Schedule.AUTOMATIC
    steps: int | None = 20
    cfg_scale: float | None = 7.0
    width: int | None = 512
    height: int | None = 512
    seed: int | None = RANDOM_SEED
    batch_size: int | None = 1
    batch_count: int | None = 1
    clip_skip: int | None = 1
    denoising_strength: float = 0.75
    resize_mode: ResizeMode = ResizeMode.JUST_RESIZE
    variation_seed: int | None = RANDOM_SEED
    variation_strength: float = 0.0
    exact: bool = False

    mask_source: MaskSource = MaskSource.PAINT
    brush: int = 40
    """Width of the strokes on the mask's canvas, CSS pixels."""
    mask_inverted: bool = False
    mask_blur: int | None = 4
    masked_content: MaskedContent = MaskedContent.ORIGINAL
    inpaint_area: InpaintArea = InpaintArea.WHOLE
    mask_padding: int | None = 32

    hires: bool = False
    hires_upscaler: str = LatentUpscaler.LATENT.value
    hires_scale: float | None = 2.0
    hires_steps: int | None = 0
    """0: as many as in the first pass."""
    hires_denoising: float = 0.7
    hires_sampler: Sampler | None = None
    hires_schedule: Schedule | None = None
    """None: as in the first pass."""

    upscaler: str = PixelUpscaler.LANCZOS.value
    upscale_by: float | None = 2.0

    units: list[UnitValues] = Field(default_factory=lambda: [UnitValues()])
    pose: Skeleton | None = None
    """The skeleton on the shared board."""
    saved: SavedPose | None = None
    """The team's pose that this one came from, as it was then."""

    sheet: list[SheetCell] = Field(default_factory=list)
    """The contact sheet that was asked for last."""

    @model_validator(mode="before")
    @classmethod
    def _of_one_unit(cls, data: Any) -> Any:
        """A form kept before there were several units: its one unit lay flat among the fields."""
        if not isinstance(data, dict) or "units" in data or "control" not in data:
            return data
        old = {new: data[name] for new, name in _FLAT.items() if name in data}
        source = Source.POSE if data.get("pose") else Source.PICTURE
        return {**data, "units": [{**old, "source": source}]}


_FLAT: Final = {
    "enabled": "control", "model": "control_model", "weight": "control_weight",
    "span": "control_span", "mode": "control_mode", "resize": "control_resize",
}  # fmt: skip

WIDGET_FIELDS: Final = tuple(
    f
    for f in FormValues.model_fields
    if f not in ("lora_weights", "pose", "saved", "units", "sheet")
)
"""Fields that are one widget each; its key is the form's name and the field's."""

UNIT_FIELDS: Final = tuple(f for f in UnitValues.model_fields if f not in ("pose", "saved"))
"""The same of one ControlNet unit."""


def read_values(data: str | bytes) -> FormValues:
    """Kept values; fields that this version can't read start anew."""
    try:
        return FormValues.model_validate_json(data)
    except ValueError:
        return FormValues()


def changed(values: FormValues, changes: dict[str, Any]) -> FormValues:
    """The same with some fields replaced, checked for their types."""
    return FormValues.model_validate({**dict(values), **changes})
