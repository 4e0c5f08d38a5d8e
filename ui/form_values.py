"""Owns what a generation form holds between runs: plain values that survive a restart."""

from typing import Any, Final

from pydantic import Field

from core.draft import RANDOM_SEED
from formats.frozen import Tolerant
from formats.openpose import Skeleton
from formats.request import ControlMode, Mode, ResizeMode
from formats.samplers import Sampler, Schedule

OWN_VAE: Final = ""
"""Stands for the checkpoint's own VAE in the picker."""


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

    control: bool = True
    control_model: str | None = None
    control_weight: float = 1.0
    control_span: tuple[float, float] = (0.0, 1.0)
    control_mode: ControlMode = ControlMode.BALANCED
    control_resize: ResizeMode = ResizeMode.CROP
    pose: Skeleton | None = None
    """The skeleton that is moved in the table; None where a finished map was given."""


WIDGET_FIELDS: Final = tuple(
    f for f in FormValues.model_fields if f not in ("lora_weights", "pose")
)
"""Fields that are one widget each; its key is the form's name and the field's."""


def read_values(data: str | bytes) -> FormValues:
    """Kept values; fields that this version can't read start anew."""
    try:
        return FormValues.model_validate_json(data)
    except ValueError:
        return FormValues()


def changed(values: FormValues, changes: dict[str, Any]) -> FormValues:
    """The same with some fields replaced, checked for their types."""
    return FormValues.model_validate({**dict(values), **changes})
