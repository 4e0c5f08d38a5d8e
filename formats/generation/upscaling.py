"""Owns how pictures are made larger: the upscalers, hires fix, and the upscale job (A1111)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator

from formats import limits, texts
from formats.frozen import Frozen
from formats.generation.fields import Fraction, Steps
from formats.generation.samplers import SamplerName, ScheduleName
from formats.generation.unchecked import unchecked
from formats.keys import FileName


class LatentUpscaler(StrEnum):
    """Upscalers of latents; only hires fix has latents to give them."""

    LATENT = "Latent"
    ANTIALIASED = "Latent (antialiased)"
    BICUBIC = "Latent (bicubic)"
    BICUBIC_ANTIALIASED = "Latent (bicubic antialiased)"
    NEAREST = "Latent (nearest)"
    NEAREST_EXACT = "Latent (nearest-exact)"


class PixelUpscaler(StrEnum):
    """Upscalers that need no file."""

    LANCZOS = "Lanczos"
    NEAREST = "Nearest"


# Left to right, since every name above would pass for a file's.
Upscaler = Annotated[LatentUpscaler | PixelUpscaler | FileName, Field(union_mode="left_to_right")]
"""One of the names above, or an upscaler's file name."""


class Hires(Frozen):
    """Hires fix: a finished picture is made larger, then drawn over at that size."""

    upscaler: Upscaler = LatentUpscaler.LATENT
    scale: Annotated[float, Field(gt=1, le=limits.MAX_HIRES_SCALE)] = 2.0
    steps: Steps | None = None
    """Of the second pass; None: as many as the first."""
    sampler: SamplerName | None = None
    schedule: ScheduleName | None = None
    """None: as in the first pass."""
    denoising_strength: Fraction = 0.7

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The larger size: scaled, and cut down to what the VAE can divide."""
        step = limits.SIDE_STEP
        return int(width * self.scale) // step * step, int(height * self.scale) // step * step


class Upscale(Frozen):
    """An upscale job: the picture, larger, without a prompt and without a checkpoint."""

    upscaler: Upscaler = PixelUpscaler.LANCZOS
    scale: Annotated[float, Field(gt=1, le=limits.MAX_UPSCALE)] = 2.0

    @field_validator("upscaler")
    @classmethod
    def _has_pixels(cls, upscaler: Upscaler) -> Upscaler:
        if isinstance(upscaler, LatentUpscaler):
            raise ValueError(texts.UPSCALE_WITHOUT_LATENTS)
        return upscaler


@unchecked
class UncheckedHires(Hires):
    """The same as a form has them."""


@unchecked
class UncheckedUpscale(Upscale):
    """The same as a form has them."""


def upscaler_file(upscaler: Upscaler) -> FileName | None:
    """The file an upscaler needs, where it needs one."""
    return None if isinstance(upscaler, LatentUpscaler | PixelUpscaler) else upscaler
