"""Makes small WebP images of what people upload, to be shown on cards."""

import io
from typing import Final

from PIL import Image

from core.images.files import check_image

_QUALITY: Final = 85
"""libwebp's; an image of 512 x 512 pixels takes 20 to 60 KB."""


def make_thumbnail(data: bytes, side: int, field: str) -> bytes:
    """A WebP of at most `side` pixels in width and height, never larger than the image was.

    Nothing of the file's metadata is in it. Raises InvalidInput at `field` as `check_image` does.
    """
    checked = check_image(data, field)
    with Image.open(io.BytesIO(checked.data)) as image:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        small = Image.new("RGB", image.size)
        small.paste(image)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()
