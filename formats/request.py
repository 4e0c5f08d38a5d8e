"""Owns the request: everything one job needs, versioned, frozen, every field bounded."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from formats import limits
from formats.frozen import Frozen
from formats.keys import FileName, JobId, Sha256
from formats.openpose import Skeleton
from formats.samplers import Sampler, Schedule, supports


class Mode(StrEnum):
    """What a job makes its pictures from."""

    TXT2IMG = "txt2img"
    IMG2IMG = "img2img"


class ControlMode(StrEnum):
    """Who wins when prompt and control disagree (sd-webui-controlnet scripts/enums.py)."""

    BALANCED = "Balanced"
    PROMPT = "My prompt is more important"
    CONTROL = "ControlNet is more important"


class ResizeMode(StrEnum):
    """How a picture of another shape is brought to the request's size (A1111)."""

    JUST_RESIZE = "Just resize"
    CROP = "Crop and resize"
    FILL = "Resize and fill"


def _divides(value: int) -> int:
    if value % limits.SIDE_STEP:
        raise ValueError(f"must divide by {limits.SIDE_STEP}")
    return value


def _fits(prompt: str) -> str:
    size = len(prompt.encode())
    if size > limits.PROMPT_BYTES:
        raise ValueError(f"is {size} bytes long; {limits.PROMPT_BYTES} is the limit")
    return prompt


Side = Annotated[
    int, Field(ge=limits.MIN_SIDE, le=limits.MAX_SIDE), AfterValidator(_divides)
]  # fmt: skip
Prompt = Annotated[str, AfterValidator(_fits)]
Fraction = Annotated[float, Field(ge=0, le=1)]
LoraWeight = Annotated[float, Field(ge=-limits.MAX_LORA_WEIGHT, le=limits.MAX_LORA_WEIGHT)]


class LoraUse(Frozen):
    """One LoRA applied to the UNet and the text encoder; the weights are multipliers."""

    name: FileName
    weight: LoraWeight = 1.0
    text_encoder_weight: LoraWeight | None = None
    """None: as `weight`."""


class ControlNetUnit(Frozen):
    """One ControlNet and the picture that steers it."""

    model: FileName
    image: Sha256
    """The input picture: for a pose, the finished map."""
    pose: Skeleton | None = None
    """The keypoints the map was drawn from, where they are known."""
    stroke: Annotated[float, Field(gt=0, le=64)] | None = None
    """Half-width of the limbs of the drawn map, in pixels."""
    weight: Annotated[float, Field(ge=0, le=limits.MAX_CONTROLNET_WEIGHT)] = 1.0
    start: Fraction = 0.0
    end: Fraction = 1.0
    """The share of the steps between which the unit is at work."""
    control_mode: ControlMode = ControlMode.BALANCED
    resize_mode: ResizeMode = ResizeMode.CROP

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start >= self.end:
            raise ValueError("the unit's start must lie before its end")
        return self


class GenerationRequest(Frozen):
    """Everything one job needs. It is stored at `jobs/<id>/request.json` and never changed."""

    version: Literal[1] = 1
    id: JobId
    owner: Annotated[str, Field(min_length=1, max_length=limits.MAX_NAME)] = "local"
    mode: Mode = Mode.TXT2IMG

    checkpoint: FileName
    vae: FileName | None = None
    """None: the checkpoint's own."""
    loras: tuple[LoraUse, ...] = Field(default=(), max_length=limits.MAX_LORAS)
    controlnets: tuple[ControlNetUnit, ...] = Field(
        default=(), max_length=limits.MAX_CONTROLNET_UNITS
    )
    hashes: dict[str, Sha256] = Field(default_factory=dict, max_length=32)
    """sha256 of each model file by S3 key, where the dashboard knew it; the container refuses
    a file with another one, so a job never runs with another model than the one asked for."""

    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    sampler: Sampler = Sampler.DPMPP_2M
    schedule: Schedule = Schedule.AUTOMATIC
    steps: Annotated[int, Field(ge=1, le=limits.MAX_STEPS)] = 20
    cfg_scale: Annotated[float, Field(ge=1, le=limits.MAX_CFG_SCALE)] = 7.0
    width: Side = 512
    height: Side = 512
    seed: Annotated[int, Field(ge=0, le=limits.MAX_SEED)]
    """Of the first picture; the next ones count up. -1 (random) is resolved by the dashboard."""
    batch_size: Annotated[int, Field(ge=1, le=limits.MAX_BATCH_SIZE)] = 1
    batch_count: Annotated[int, Field(ge=1, le=limits.MAX_PICTURES)] = 1
    clip_skip: Annotated[int, Field(ge=1, le=limits.MAX_CLIP_SKIP)] = 1

    init_image: Sha256 | None = None
    denoising_strength: Fraction = 0.75
    resize_mode: ResizeMode = ResizeMode.JUST_RESIZE

    @property
    def pictures(self) -> int:
        """How many pictures the job makes."""
        return self.batch_size * self.batch_count

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for wrong, why in self._contradictions():
            if wrong:
                raise ValueError(why)
        return self

    def _contradictions(self) -> tuple[tuple[bool, str], ...]:
        needs_picture = self.mode is Mode.IMG2IMG
        nothing_to_draw = not (self.prompt.strip() or needs_picture or self.controlnets)
        return (
            (nothing_to_draw, "Write a prompt: there is no picture and no ControlNet to go by."),
            (needs_picture and self.init_image is None, "img2img needs a picture to start from."),
            (not needs_picture and self.init_image is not None, "txt2img takes no picture."),
            (
                self.pictures > limits.MAX_PICTURES,
                f"Batch size x batch count is {self.pictures}; {limits.MAX_PICTURES} is the limit.",
            ),
            (
                not supports(self.sampler, self.schedule),
                f"{self.sampler} has no {self.schedule} schedule; choose Automatic.",
            ),
        )


def parse_request(data: str | bytes) -> GenerationRequest:
    """Read a stored or received request. Raises pydantic.ValidationError."""
    return GenerationRequest.model_validate_json(data)
