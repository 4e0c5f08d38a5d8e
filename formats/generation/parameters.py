"""The parameters of a generation: each declared once, for form, draft, request and infotext.

To add one: a field with its bounds, default and `Parameter` here, and its effect in the engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Final

from annotated_types import Ge, Le
from pydantic import Field

from formats import limits
from formats.frozen import Frozen
from formats.generation.fields import (
    Fraction,
    NegativePrompt,
    Prompt,
    ResizeMode,
    Seed,
    Side,
    Steps,
)
from formats.generation.samplers import Sampler, SamplerName, Schedule, ScheduleName
from formats.generation.unchecked import unchecked

RANDOM_SEED: Final = -1
"""In a form or a draft: the dashboard chooses a seed (A1111)."""


class Mode(StrEnum):
    """What a job makes its images from."""

    TXT2IMG = "txt2img"
    IMG2IMG = "img2img"
    INPAINT = "inpaint"
    UPSCALE = "upscale"

    @property
    def needs_image(self) -> bool:
        """Whether there must be an init image; without that need there must be none."""
        return self is not Mode.TXT2IMG

    @property
    def uses_checkpoint(self) -> bool:
        """Whether a checkpoint denoises; an upscale job only enlarges."""
        return self is not Mode.UPSCALE


_DENOISING: Final = frozenset({Mode.TXT2IMG, Mode.IMG2IMG, Mode.INPAINT})
_FROM_IMAGE: Final = frozenset({Mode.IMG2IMG, Mode.INPAINT})


@dataclass(frozen=True)
class Parameter:
    """What a user reads of a parameter, and where it counts."""

    label: str
    help: str | None = None
    step: float = 1
    """By which its number field counts."""
    modes: frozenset[Mode] = _DENOISING
    """In any other mode it is neither sent nor shown."""
    infotext: str = ""
    """A1111's name in the infotext; "" where the text has no entry for it."""
    told_at_default: bool = True
    """Whether infotext and parameter table name it where it has its default."""


class GenerationParameters(Frozen):
    """The parameters with their bounds and defaults, in the order of A1111's infotext."""

    prompt: Annotated[Prompt, Parameter("Prompt")] = ""
    negative_prompt: Annotated[NegativePrompt, Parameter("Negative prompt")] = ""
    steps: Annotated[Steps, Parameter("Steps", infotext="Steps")] = 20
    sampler: Annotated[SamplerName, Parameter("Sampler", infotext="Sampler")] = Sampler.DPMPP_2M
    schedule: Annotated[ScheduleName, Parameter("Schedule type", infotext="Schedule type")] = (
        Schedule.AUTOMATIC
    )
    cfg_scale: Annotated[
        float,
        Field(ge=1, le=limits.MAX_CFG_SCALE),
        Parameter(
            "CFG scale", "How strongly the picture follows the prompt.", 0.5, infotext="CFG scale"
        ),
    ] = 7.0
    seed: Annotated[
        Seed,
        Parameter(
            "Seed",
            "-1 draws a random seed; the pictures after the first count up from it.",
            infotext="Seed",
        ),
    ] = RANDOM_SEED
    """Of the first image; the next ones count up."""
    width: Annotated[Side, Parameter("Width", step=limits.SIDE_STEP, infotext="Size")] = 512
    height: Annotated[Side, Parameter("Height", step=limits.SIDE_STEP)] = 512
    batch_count: Annotated[
        int,
        Field(ge=1, le=limits.MAX_IMAGES),
        Parameter(
            "Batch count",
            f"Pictures one after another; with batch size at most {limits.MAX_IMAGES}.",
        ),
    ] = 1
    batch_size: Annotated[
        int,
        Field(ge=1, le=limits.MAX_BATCH_SIZE),
        Parameter("Batch size", "Pictures drawn together."),
    ] = 1
    variation_seed: Annotated[
        Seed,
        Parameter(
            "Variation seed",
            "-1 draws a random one; with a variation it counts up, and the seed stays.",
            infotext="Variation seed",
            told_at_default=False,
        ),
    ] = RANDOM_SEED
    variation_strength: Annotated[
        Fraction,
        Parameter(
            "Variation strength",
            "How far the noise goes from the seed's to the variation seed's; 0 is none.",
            0.01,
            infotext="Variation seed strength",
            told_at_default=False,
        ),
    ] = 0.0
    """How far the noise goes from the seed's to the variation seed's. Above 0 every image has
    the same seed and the variation seed counts up (A1111 modules/processing.py)."""
    denoising_strength: Annotated[
        Fraction,
        Parameter(
            "Denoising strength",
            "0 keeps the picture, 1 keeps nothing of it.",
            0.01,
            _FROM_IMAGE,
            "Denoising strength",
        ),
    ] = 0.75
    resize_mode: Annotated[
        ResizeMode, Parameter("Resize mode", modes=frozenset({Mode.IMG2IMG}))
    ] = ResizeMode.JUST_RESIZE
    clip_skip: Annotated[
        int,
        Field(ge=1, le=limits.MAX_CLIP_SKIP),
        Parameter(
            "Clip skip",
            "How many last layers of the text encoder are left out; 1 leaves out none.",
            infotext="Clip skip",
            told_at_default=False,
        ),
    ] = 1
    exact: Annotated[
        bool,
        Parameter(
            "Exact",
            "Draws this job alone. In one batch with other jobs a picture is the same to the eye, "
            "but not to the last bit.",
            told_at_default=False,
        ),
    ] = False
    """Never in one batch with other jobs' images, so that the bits are always the same; in a
    common batch they are the same to numeric tolerance."""


@unchecked
class UncheckedParameters(GenerationParameters):
    """The same fields as a form has them: any number, None where a field was emptied."""


@dataclass(frozen=True)
class ParameterField:
    """A declared parameter with what its field says of it."""

    name: str
    parameter: Parameter
    type: Any
    """The Python type without bounds: int, float, bool, str or a StrEnum."""
    default: Any
    minimum: float | None
    maximum: float | None

    def is_told(self, mode: Mode, value: object) -> bool:
        """Whether infotext and parameter table name it for a job of this mode."""
        told = self.parameter.told_at_default or value != self.default
        return told and mode in self.parameter.modes


@cache
def parameter_fields() -> Mapping[str, ParameterField]:
    """Every parameter by its name, in the order of their declaration."""
    declared = {}
    for name, field in GenerationParameters.model_fields.items():
        by_type = {type(each): each for each in field.metadata}
        lowest, highest = by_type.get(Ge), by_type.get(Le)
        declared[name] = ParameterField(
            name=name,
            parameter=by_type[Parameter],
            type=field.annotation,
            default=field.default,
            minimum=lowest and lowest.ge,
            maximum=highest and highest.le,
        )
    return MappingProxyType(declared)


def parameter_values(source: object, mode: Mode) -> dict[str, Any]:
    """The parameters that count in a mode, by name, from a form, a draft or a request."""
    return {
        name: getattr(source, name)
        for name, field in parameter_fields().items()
        if mode in field.parameter.modes
    }


def value_text(value: object) -> str:
    """A value as infotext and parameter table write it: no trailing zeros."""
    return f"{value:g}" if isinstance(value, float) else str(value)
