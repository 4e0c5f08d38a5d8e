"""Turns any image that Pillow decodes into the pixels of a job: RGB, or a mask.

The dashboard and the container use the same two functions, so that an image means the same to
both. Both take the first frame of an animated image.
"""

import io
from typing import Final, cast

from PIL import Image, ImageChops, ImageCms, ImageOps

_SRGB: Final = ImageCms.createProfile("sRGB")
_PROFILED: Final = {"L": "L", "RGB": "RGB", "CMYK": "CMYK", "LAB": "LAB"}
"""Modes for which a profile can be applied."""

_SIXTEEN_BITS: Final = 65535
_VISIBLE: Final = 128
"""A mask's value from which a pixel is masked (A1111 modules/processing.py rounds there)."""


def to_rgb(image: Image.Image) -> Image.Image:
    """Upright (EXIF), in sRGB, over white where it is transparent, 8 bits a channel.

    White is what A1111 puts behind an image (modules/images.py, flatten; its setting
    `img2img_background_color`). The image's own `info` is not taken over.
    """
    pixels, alpha = _split(image)
    rgb = _in_srgb(pixels, image)
    if alpha is not None:
        white = Image.new("RGB", rgb.size, "white")
        rgb = Image.composite(rgb, white, alpha)
    rgb.info = {}
    return rgb


def to_mask(image: Image.Image) -> Image.Image:
    """Luminance times opacity as mode L: white is masked, what is transparent is not.

    Source: sd-webui-controlnet PR 3079. A mask that shows nothing but dark strokes on a
    transparent layer masks what was painted, as A1111 takes it (modules/processing.py,
    `create_binary_mask`).
    """
    pixels, alpha = _split(image)
    light = pixels.convert("RGB").convert("L")
    if alpha is None:
        return light
    shown = ImageChops.multiply(light, alpha)
    is_dark = shown.point(lambda value: 255 * (value >= _VISIBLE)).getbbox() is None
    return alpha if is_dark and alpha.getextrema() != (255, 255) else shown


def _split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The upright colours in a mode with 8 bits a channel, and the opacity where there is one."""
    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data or upright.mode[0] in "IF":  # Pillow clips deep greys
        return _eight_bits(upright), None
    if upright.mode == "La":
        upright = upright.convert("LA")
    rgba = upright.convert("RGBA")
    return rgba.convert("RGB"), rgba.getchannel("A")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Deeper greys are scaled, where Pillow's own conversion would clip them to white."""
    if image.mode.startswith("I;16"):
        return _scaled(image.convert("I"), _SIXTEEN_BITS)
    if image.mode in {"I", "F"}:
        return _scaled(image, _white_of(image))
    if image.mode in _PROFILED:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _white_of(image: Image.Image) -> float:
    """The value that means white: 1 for shares, that of 8 or 16 bits, else the highest one."""
    highest = cast("float", image.getextrema()[1])  # one channel
    whites = (255, _SIXTEEN_BITS) if image.mode == "I" else (1, 255, _SIXTEEN_BITS)
    return float(next((white for white in whites if highest <= white), highest))


def _scaled(image: Image.Image, white: float) -> Image.Image:
    """Grey values from 0 to `white` as 0 to 255, rounded; what is no number is black."""
    factor = 255.0 / white
    return image.convert("F").point(lambda value: value * factor + 0.5).convert("L")


def _in_srgb(pixels: Image.Image, image: Image.Image) -> Image.Image:
    """The colours as sRGB; a profile that can't be read or doesn't fit the pixels is left out."""
    data = image.info.get("icc_profile")
    if not data or pixels.mode not in _PROFILED:
        return pixels.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return pixels.convert("RGB")
        turned = ImageCms.profileToProfile(pixels, profile, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return pixels.convert("RGB")
    return turned if turned is not None else pixels.convert("RGB")
