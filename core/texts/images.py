"""Texts of images: why an uploaded one is refused, and what masks and contact sheets take."""

from typing import Final

# ---- an uploaded image
TOO_MANY_BYTES: Final = "The picture has more than 32 MB. Make it smaller."
DAMAGED: Final = "The picture is damaged or cut off. Save it again."
IS_HEIC: Final = "HEIC pictures can't be read here. Save it as JPEG or PNG."
NO_IMAGE: Final = "This is not a PNG, JPEG or WebP picture, nor AVIF, GIF, BMP or TIFF."


def too_many_pixels(width: int, height: int, side: int) -> str:
    """The header says more pixels than a square of `side` has."""
    return (
        f"The picture has {width:,} x {height:,} pixels; {side:,} x {side:,} is the limit. "
        "Make it smaller."
    )


def far_too_many_pixels(side: int) -> str:
    """The same where Pillow refuses before it tells the size."""
    return (
        f"The picture has more than 170 million pixels; {side:,} x {side:,} is the limit. "
        "Make it smaller."
    )


# ---- what is drawn
NO_PATCH: Final = "What was painted can't be read. Load the page again and paint it once more."


def too_many_strokes(limit: int) -> str:
    """A mask was painted over and over."""
    return f"A mask has up to {limit} strokes. Clear it and paint fewer."


NO_MARGINS: Final = "Say on which sides the picture shall be extended, and by how many pixels."


def too_far_extended(width: int, height: int) -> str:
    """The extended image has more pixels than an image may have."""
    return (
        f"The extended picture would have {width:,} x {height:,} pixels, more than 4,096 x 4,096. "
        "Extend it less."
    )


def too_large_to_generate(width: int, height: int, limit: int) -> str:
    """The extended image is generated as a whole."""
    return (
        f"The extended picture would have {width:,} x {height:,} pixels; a whole picture is drawn "
        f"up to {limit:,} x {limit:,}. Extend it less, or choose the inpaint area Only masked."
    )


def cell_count(limit: int, cells: int) -> str:
    """How many images a contact sheet may show."""
    return f"A contact sheet has 1 to {limit} pictures, not {cells}."


def sheet_too_large(megapixels: float, limit: float) -> str:
    """The sheet in full size, in millions of pixels."""
    return (
        f"The sheet would have {megapixels:,.0f} megapixels; {limit:,.0f} are the most. "
        "Take fewer values or smaller pictures."
    )
