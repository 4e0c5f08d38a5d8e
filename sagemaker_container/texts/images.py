"""Texts of a job's images: why one can't be used, and what is missing in one."""

from typing import Final

from formats.limits import MAX_IMAGE_PIXELS

# ---- an input image
IS_GONE: Final = "The picture is no longer in S3; send it again."
OTHER_BYTES: Final = "The picture in S3 is not the one that was sent; send it again."
UNREADABLE: Final = "The picture can't be read; send it as PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF."


def too_many_pixels(width: int, height: int) -> str:
    """An image that is larger than the limit."""
    return f"The picture has {width} x {height} pixels; {MAX_IMAGE_PIXELS:,} is the limit."


# ---- what it is used for
MASK_EMPTY: Final = "The mask covers nothing; paint white what shall be drawn anew."
NOBODY_FOUND: Final = (
    "The openpose preprocessor found nobody in a unit's picture; take another picture, "
    "or draw the pose by hand."
)


def upscaled_too_large(width: int, height: int) -> str:
    """An upscale job's image would be larger than the limit."""
    return (
        f"The picture would have {width} x {height} pixels, {MAX_IMAGE_PIXELS:,} is the "
        "limit; choose a smaller scale."
    )


# ---- notes
INFOTEXT_LOST: Final = "What the picture said of how it was made was too long to be kept."
