"""Owns the request: everything one job needs, versioned, frozen, every field bounded."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from formats import limits
from formats.frozen import Frozen
from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.fields import Fraction, LoraWeight, Prompt, ResizeMode, Seed, Side, Steps
from formats.generation.inpaint import Inpaint
from formats.generation.samplers import Sampler, SamplerName, Schedule, ScheduleName, supports
from formats.generation.upscaling import Hires, Upscale
from formats.keys import FileName, JobId, Sha256


class Mode(StrEnum):
    """What a job makes its pictures from."""

    TXT2IMG = "txt2img"
    IMG2IMG = "img2img"
    INPAINT = "inpaint"
    UPSCALE = "upscale"

    @property
    def needs_picture(self) -> bool:
        """Whether there must be an init picture; without that need there must be none."""
        return self is not Mode.TXT2IMG

    @property
    def draws(self) -> bool:
        """Whether a checkpoint draws; an upscale job only enlarges."""
        return self is not Mode.UPSCALE


class LoraUse(Frozen):
    """One LoRA applied to the UNet and the text encoder; the weights are multipliers."""

    name: FileName
    weight: LoraWeight = 1.0
    text_encoder_weight: LoraWeight | None = None
    """None: as `weight`."""


class GenerationRequest(Frozen):
    """Everything one job needs. It is stored at `jobs/<id>/request.json` and never changed."""

    version: Literal[1] = 1
    id: JobId
    owner: Annotated[str, Field(min_length=1, max_length=limits.MAX_NAME)] = "local"
    mode: Mode = Mode.TXT2IMG

    checkpoint: FileName | None = None
    """None for an upscale job only."""
    vae: FileName | None = None
    """None: the checkpoint's own."""
    loras: tuple[LoraUse, ...] = Field(default=(), max_length=limits.MAX_LORAS)
    embeddings: tuple[FileName, ...] = Field(default=(), max_length=limits.MAX_EMBEDDINGS)
    """Textual inversions whose names (without ending, in any case) the prompts may use."""
    controlnets: tuple[ControlNetUnit, ...] = Field(
        default=(), max_length=limits.MAX_CONTROLNET_UNITS
    )
    hashes: dict[str, Sha256] = Field(default_factory=dict, max_length=48)
    """sha256 of each model file by S3 key, where the dashboard knew it; the container refuses
    a file with another one, so a job never runs with another model than the one asked for."""

    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    sampler: SamplerName = Sampler.DPMPP_2M
    schedule: ScheduleName = Schedule.AUTOMATIC
    steps: Steps = 20
    cfg_scale: Annotated[float, Field(ge=1, le=limits.MAX_CFG_SCALE)] = 7.0
    width: Side = 512
    height: Side = 512
    seed: Seed
    """Of the first picture; the next ones count up. -1 (random) is resolved by the dashboard."""
    variation_seed: Seed = 0
    variation_strength: Fraction = 0.0
    """How far the noise goes from the seed's to the variation seed's. Above 0 every picture has
    the same seed and the variation seed counts up (A1111 modules/processing.py)."""
    batch_size: Annotated[int, Field(ge=1, le=limits.MAX_BATCH_SIZE)] = 1
    batch_count: Annotated[int, Field(ge=1, le=limits.MAX_PICTURES)] = 1
    clip_skip: Annotated[int, Field(ge=1, le=limits.MAX_CLIP_SKIP)] = 1
    exact: bool = False
    """Never drawn together with other jobs' pictures, so that the bits are always the same; in a
    common batch they are the same to numeric tolerance."""

    init_image: Sha256 | None = None
    denoising_strength: Fraction = 0.75
    resize_mode: ResizeMode = ResizeMode.JUST_RESIZE
    inpaint: Inpaint | None = None
    hires: Hires | None = None
    upscale: Upscale | None = None

    @property
    def pictures(self) -> int:
        """How many pictures the job makes."""
        return self.batch_size * self.batch_count

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the finished pictures; an upscale job's follow from its picture."""
        if self.hires:
            return self.hires.size(self.width, self.height)
        return self.width, self.height

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for wrong, why in (*self._contradictions(), *self._misplaced()):
            if wrong:
                raise ValueError(why)
        return self

    def _contradictions(self) -> tuple[tuple[bool, str], ...]:
        nothing = not (self.prompt.strip() or self.mode.needs_picture or self.controlnets)
        return (
            (nothing, "Write a prompt: there is no picture and no ControlNet to go by."),
            (self.mode.draws and not self.checkpoint, "Name the checkpoint that draws."),
            (
                self.mode.needs_picture and self.init_image is None,
                f"{self.mode} needs a picture to start from.",
            ),
            (
                not self.mode.needs_picture and self.init_image is not None,
                "txt2img takes no picture.",
            ),
            (
                self.pictures > limits.MAX_PICTURES,
                f"Batch size x batch count is {self.pictures}; {limits.MAX_PICTURES} is the limit.",
            ),
            *((not supports(*pair), _no_schedule(*pair)) for pair in self._sampled_with()),
            (
                max(self.size) > limits.MAX_SIDE,
                f"Hires fix would make {self.size[0]} x {self.size[1]} pixels; "
                f"{limits.MAX_SIDE} is the limit for a side.",
            ),
        )

    def _misplaced(self) -> Iterator[tuple[bool, str]]:
        """Parts that belong to one mode: there, and only there."""
        parts = (("inpaint", self.inpaint, Mode.INPAINT), ("upscale", self.upscale, Mode.UPSCALE))
        for name, part, mode in parts:
            yield self.mode is mode and part is None, f"{mode} needs its `{name}` settings."
            yield self.mode is not mode and part is not None, f"Only {mode} takes `{name}`."
        yield (
            self.hires is not None and self.mode is not Mode.TXT2IMG,
            "Only txt2img has a hires fix; for a picture, raise the size in img2img.",
        )
        yield (
            self.resize_mode is ResizeMode.LATENT and self.mode is not Mode.IMG2IMG,
            "Only img2img resizes as latents; choose another resize mode.",
        )
        yield (
            self.mode is Mode.UPSCALE and self.pictures > 1,
            "An upscale job makes one picture; set batch size and batch count to 1.",
        )

    def _sampled_with(self) -> Iterator[tuple[Sampler, Schedule]]:
        yield self.sampler, self.schedule
        if self.hires:
            yield self.hires.sampler or self.sampler, self.hires.schedule or self.schedule


def _no_schedule(sampler: Sampler, schedule: Schedule) -> str:
    return f"{sampler} has no {schedule} schedule; choose Automatic."


def parse_request(data: str | bytes) -> GenerationRequest:
    """Read a stored or received request. Raises pydantic.ValidationError."""
    return GenerationRequest.model_validate_json(data)
