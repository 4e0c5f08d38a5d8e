"""Owns what an inpaint job needs beside its picture: the mask and how it is filled (A1111)."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from formats import limits
from formats.frozen import Frozen
from formats.generation.unchecked import unchecked
from formats.keys import Sha256


class MaskedContent(StrEnum):
    """What stands below the mask before the first step (A1111 inpainting_fill)."""

    FILL = "fill"
    """The colours around the mask, blurred into it."""
    ORIGINAL = "original"
    LATENT_NOISE = "latent noise"
    LATENT_NOTHING = "latent nothing"


class InpaintArea(StrEnum):
    """How much of the picture is drawn (A1111 inpaint_full_res)."""

    WHOLE = "Whole picture"
    MASKED = "Only masked"
    """The mask's surroundings are cut out, drawn at the full size and put back."""


class InpaintSettings(Frozen):
    """How the masked part is filled."""

    inverted: bool = False
    """A1111's mask mode "Inpaint not masked"."""
    blur: Annotated[int, Field(ge=0, le=limits.MAX_MASK_BLUR)] = 4
    """Radius, in pixels of the image, over which old and new blend."""
    content: MaskedContent = MaskedContent.ORIGINAL
    area: InpaintArea = InpaintArea.WHOLE
    padding: Annotated[int, Field(ge=0, le=limits.MAX_MASK_PADDING)] = 32
    """Pixels around the mask that are generated with it, for `InpaintArea.MASKED`."""


class Inpaint(InpaintSettings):
    """The masked part of the image is generated anew, the rest stays."""

    mask: Sha256
    """An image of the init image's shape; white is generated anew."""


@unchecked
class UncheckedInpaint(InpaintSettings):
    """The same as a form has them."""
