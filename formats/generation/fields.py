"""Owns the bounded types that the parts of a request are made of."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from formats import limits, texts
from formats.prompt_bounds import check_and, check_syntax


class ResizeMode(StrEnum):
    """How a picture of another shape is brought to the request's size (A1111)."""

    JUST_RESIZE = "Just resize"
    CROP = "Crop and resize"
    FILL = "Resize and fill"
    LATENT = "Just resize (latent upscale)"
    """Stretched as latents, softer; for the picture an img2img job starts from only."""


def _divides(value: int) -> int:
    if value % limits.SIDE_STEP:
        raise ValueError(texts.SIDE_STEP)
    return value


def _fits(prompt: str) -> str:
    size = len(prompt.encode())
    if size > limits.PROMPT_BYTES:
        raise ValueError(texts.prompt_too_long(size))
    return prompt


Side = Annotated[int, Field(ge=limits.MIN_SIDE, le=limits.MAX_SIDE), AfterValidator(_divides)]
NegativePrompt = Annotated[str, AfterValidator(_fits), AfterValidator(check_syntax)]
"""An AND in it is a word."""
Prompt = Annotated[NegativePrompt, AfterValidator(check_and)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Seed = Annotated[int, Field(ge=0, le=limits.MAX_SEED)]
Steps = Annotated[int, Field(ge=1, le=limits.MAX_STEPS)]
LoraWeight = Annotated[float, Field(ge=-limits.MAX_LORA_WEIGHT, le=limits.MAX_LORA_WEIGHT)]
