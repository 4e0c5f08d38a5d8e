"""Owns the request: everything one job needs, versioned, frozen, every field bounded."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from formats import limits, texts
from formats.frozen import Frozen
from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.fields import LoraWeight, ResizeMode, Seed
from formats.generation.inpaint import Inpaint
from formats.generation.parameters import GenerationParameters, Mode
from formats.generation.problems import refuse_contradictions
from formats.generation.samplers import Sampler, Schedule, supports
from formats.generation.upscaling import Hires, Upscale
from formats.keys import FileName, JobId, Sha256

TemplateText = Annotated[str, Field(max_length=limits.PROMPT_BYTES)]
"""Its characters; nothing reads it but people and forms."""
StyleName = Annotated[str, Field(min_length=1, max_length=limits.MAX_STYLE_NAME)]


class LoraUse(Frozen):
    """One LoRA applied to the UNet and the text encoder; the weights are multipliers."""

    name: FileName
    weight: LoraWeight = 1.0
    text_encoder_weight: LoraWeight | None = None
    """None: as `weight`."""


def _is_default(value: object) -> bool:
    """Whether a field that version 0.1 did not have is left out: its containers refuse names that
    they don't know, and run whatever asks for nothing new."""
    return value in ((), "", None)


class GenerationRequest(GenerationParameters):
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
    styles: tuple[StyleName, ...] = Field(
        default=(), max_length=limits.MAX_STYLES_OF_JOB, exclude_if=_is_default
    )
    """Names of the styles that were put into both prompts already, in their order."""
    controlnets: tuple[ControlNetUnit, ...] = Field(
        default=(), max_length=limits.MAX_CONTROLNET_UNITS
    )
    hashes: dict[str, Sha256] = Field(default_factory=dict, max_length=48)
    """sha256 of each model file by S3 key, where the dashboard knew it; the container refuses
    a file with another one, so a job never runs with another model than the one asked for."""

    seed: Seed
    """Of the first image; the dashboard has resolved a random one."""
    variation_seed: Seed = 0

    template: TemplateText = Field(default="", exclude_if=_is_default)
    negative_template: TemplateText = Field(default="", exclude_if=_is_default)
    """The dynamic prompts that the prompts came of; empty where they were sent as written."""
    wildcard_seed: Seed | None = Field(default=None, exclude_if=_is_default)
    """What their choices came of; None where there were none, or for one of all combinations."""

    init_image: Sha256 | None = None
    inpaint: Inpaint | None = None
    hires: Hires | None = None
    upscale: Upscale | None = None

    @property
    def image_count(self) -> int:
        """How many images the job makes."""
        return self.batch_size * self.batch_count

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the finished images; an upscale job's follow from its image."""
        if self.hires:
            return self.hires.size(self.width, self.height)
        return self.width, self.height

    @property
    def sha256(self) -> str:
        """Equal for equal requests, however their JSON was spaced or ordered.

        Values left at their default don't count, so that a version with one field more agrees.
        """
        values = self.model_copy(update={"hashes": dict(sorted(self.hashes.items()))})
        return hashlib.sha256(values.model_dump_json(exclude_defaults=True).encode()).hexdigest()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        refuse_contradictions((*self._contradictions(), *self._misplaced()))
        return self

    def _contradictions(self) -> Iterator[tuple[bool, str, str]]:
        mode, starts_from_image = self.mode, self.init_image is not None
        yield (
            not (self.prompt.strip() or mode.needs_image or self.controlnets),
            "prompt",
            texts.NO_PROMPT,
        )
        yield mode.uses_checkpoint and not self.checkpoint, "checkpoint", texts.NO_CHECKPOINT
        yield (
            mode.needs_image and not starts_from_image,
            "init_image",
            texts.no_init_image(mode),
        )
        yield (
            not mode.needs_image and starts_from_image,
            "init_image",
            texts.TXT2IMG_WITH_IMAGE,
        )
        yield (
            self.image_count > limits.MAX_IMAGES,
            "batch_size",
            texts.too_many_images(self.image_count),
        )
        yield from self._unsupported_schedules()
        yield (
            max(self.size) > limits.MAX_SIDE,
            "hires",
            texts.hires_too_large(*self.size),
        )

    def _misplaced(self) -> Iterator[tuple[bool, str, str]]:
        """Parts that belong to one mode: there, and only there."""
        for name, part, mode in (
            ("inpaint", self.inpaint, Mode.INPAINT),
            ("upscale", self.upscale, Mode.UPSCALE),
        ):
            is_mode, is_there = self.mode is mode, part is not None
            yield is_mode and not is_there, name, texts.settings_missing(mode, name)
            yield is_there and not is_mode, name, texts.settings_misplaced(mode, name)
        yield (
            self.hires is not None and self.mode is not Mode.TXT2IMG,
            "hires",
            texts.HIRES_MISPLACED,
        )
        yield (
            self.resize_mode is ResizeMode.LATENT and self.mode is not Mode.IMG2IMG,
            "resize_mode",
            texts.LATENT_RESIZE_MISPLACED,
        )
        yield (
            self.mode is Mode.UPSCALE and self.image_count > 1,
            "batch_size",
            texts.UPSCALE_OF_MANY,
        )

    def _unsupported_schedules(self) -> Iterator[tuple[bool, str, str]]:
        yield _unsupported(self.sampler, self.schedule, "schedule")
        if hires := self.hires:
            sampler, schedule = hires.sampler or self.sampler, hires.schedule or self.schedule
            yield _unsupported(sampler, schedule, "hires.schedule")


def _unsupported(sampler: Sampler, schedule: Schedule, field: str) -> tuple[bool, str, str]:
    message = texts.schedule_unsupported(sampler, schedule)
    return not supports(sampler, schedule), field, message


def parse_request(data: str | bytes) -> GenerationRequest:
    """Read a stored or received request. Raises pydantic.ValidationError."""
    return GenerationRequest.model_validate_json(data)
