"""Any image becomes the same RGB and the same mask, in the dashboard and in the container."""

import io
from typing import Any

import pytest
from PIL import Image, ImageCms, ImageDraw

from formats.image_files import is_animated
from formats.image_pixels import to_mask, to_rgb

Pixel = tuple[int, int, int]
GREY, WHITE, BLACK = (128, 128, 128), (255, 255, 255), (0, 0, 0)

MODES: list[tuple[str, Any, Pixel]] = [
    ("1", 1, WHITE),
    ("L", 100, (100, 100, 100)),
    ("LA", (100, 255), (100, 100, 100)),
    ("LA", (0, 128), (127, 127, 127)),
    ("La", (0, 0), WHITE),
    ("P", 5, BLACK),
    ("PA", (5, 0), WHITE),
    ("RGB", (1, 2, 3), (1, 2, 3)),
    ("RGBX", (1, 2, 3, 0), (1, 2, 3)),
    ("RGBA", (10, 20, 30, 0), WHITE),
    ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
    ("RGBa", (60, 60, 60, 128), (187, 187, 187)),
    ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
    ("YCbCr", (76, 85, 255), (254, 0, 0)),
    ("LAB", (136, 208, 195), (250, 3, 11)),
    ("HSV", (0, 255, 255), (255, 0, 0)),
    ("I;16", 32896, GREY),
    ("I;16B", 65535, WHITE),
    ("I", 65535, WHITE),
    ("I", 128, GREY),
    ("I", -5, BLACK),
    ("I", 70_000, WHITE),
    ("F", 0.5, GREY),
    ("F", 128.0, GREY),
    ("F", 32896.0, GREY),
    ("F", -1.0, BLACK),
    ("F", float("nan"), BLACK),
]


@pytest.mark.parametrize(("mode", "value", "pixel"), MODES)
def test_every_mode_of_pillow_becomes_rgb(mode: str, value: Any, pixel: Pixel) -> None:
    if mode in {"I", "F"} and value in {128, 32896.0}:  # the deepest value tells the scale
        image = Image.new(mode, (2, 1), value)
        image.putpixel((1, 0), 65535 if value == 32896.0 else 255)
    else:
        image = Image.new(mode, (2, 2), value)
    rgb = to_rgb(image)
    assert rgb.mode == "RGB"
    found = rgb.getpixel((0, 0))
    assert isinstance(found, tuple)
    assert all(abs(a - b) <= 1 for a, b in zip(found, pixel, strict=True))


def test_sixteen_bit_greys_keep_their_steps() -> None:
    """A depth map: Pillow's own conversion clips all but the darkest 255 values to white."""
    image = Image.new("I;16", (256, 1))
    for x in range(256):
        image.putpixel((x, 0), x * 257)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    reds = to_rgb(Image.open(buffer)).getchannel("R")
    assert reds.tobytes() == bytes(range(256))


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    image = Image.new("P", (1, 1), 3)
    image.putpalette([9] * 768)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=3)
    assert to_rgb(Image.open(buffer)).getpixel((0, 0)) == WHITE


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (2, 0)), (3, (2, 1)), (4, (0, 1)), (6, (1, 0)), (8, (0, 2))],
)
def test_exif_turns_are_carried_out(orientation: int, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (3, 2))
    image.putpixel((0, 0), WHITE)
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    turned = to_rgb(Image.open(buffer))
    assert turned.size == ((2, 3) if orientation in {6, 8} else (3, 2))
    assert turned.getpixel(corner) == WHITE


def _swapped_profile() -> bytes:
    """A profile of another space: XYZ taken as RGB moves every colour."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()


def test_a_profile_that_is_not_srgb_is_converted() -> None:
    """Display P3's red as numbers is less than sRGB's; lcms' LAB profile stands for any other."""
    lab = ImageCms.createProfile("LAB")
    image = Image.new("LAB", (1, 1), (136, 208, 195))
    image.info["icc_profile"] = ImageCms.ImageCmsProfile(lab).tobytes()
    red = to_rgb(image).getpixel((0, 0))
    assert isinstance(red, tuple)
    assert red[0] > 240
    assert max(red[1:]) < 30


@pytest.mark.parametrize("profile", [b"", b"no profile", b"\0" * 200, _swapped_profile()])
def test_a_profile_that_does_not_fit_is_left_out(profile: bytes) -> None:
    image = Image.new("RGB", (1, 1), (200, 30, 30))
    image.info["icc_profile"] = profile
    assert to_rgb(image).getpixel((0, 0)) == (200, 30, 30)


def test_an_srgb_profile_changes_no_bit() -> None:
    image = Image.new("RGB", (1, 1), (201, 33, 57))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    image.info["icc_profile"] = profile.tobytes()
    assert to_rgb(image).getpixel((0, 0)) == (201, 33, 57)


def _painted(mode: str, ground: Any, ink: Any) -> Image.Image:
    image = Image.new(mode, (64, 64), ground)
    ImageDraw.Draw(image).rectangle((16, 16, 31, 31), fill=ink)
    return image


@pytest.mark.parametrize(
    ("image", "share"),
    [
        (_painted("L", 0, 255), 1 / 16),
        (_painted("RGB", BLACK, WHITE), 1 / 16),
        (_painted("RGBA", (0, 0, 0, 0), (255, 255, 255, 255)), 1 / 16),
        (_painted("RGBA", (0, 0, 0, 0), (0, 0, 0, 255)), 1 / 16),
        (_painted("RGBA", (255, 255, 255, 0), (255, 255, 255, 255)), 1 / 16),
        (_painted("RGBA", (0, 0, 0, 255), (255, 255, 255, 255)), 1 / 16),
        (_painted("LA", (0, 0), (255, 255)), 1 / 16),
        (_painted("1", 0, 1), 1 / 16),
        (_painted("I;16", 0, 65535), 1 / 16),
        (_painted("RGBA", (0, 0, 0, 255), (0, 0, 0, 255)), 0),
        (_painted("RGBA", (255, 255, 255, 0), (255, 255, 255, 0)), 0),
    ],
)
def test_a_mask_is_what_was_painted(image: Image.Image, share: float) -> None:
    """sd-webui-controlnet PR 3079: luminance times alpha."""
    mask = to_mask(image)
    assert mask.mode == "L"
    assert sum(value >= 128 for value in mask.tobytes()) / 64**2 == share


@pytest.mark.parametrize(("format", "frames"), [("GIF", 2), ("WEBP", 2), ("PNG", 2), ("PNG", 1)])
def test_the_first_frame_is_taken(format: str, frames: int) -> None:  # noqa: A002  # Pillow's word
    first, second = Image.new("RGB", (8, 8), WHITE), Image.new("RGB", (8, 8), BLACK)
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": [second]} if frames > 1 else {}
    first.save(buffer, format, **more)
    opened = Image.open(buffer)
    assert is_animated(opened) is (frames > 1)
    assert to_rgb(opened).getpixel((4, 4)) == WHITE


def test_a_damaged_second_frame_is_none() -> None:
    data = io.BytesIO()
    Image.new("P", (4, 4)).save(data, "GIF")
    opened = Image.open(io.BytesIO(data.getvalue()[:-1] + b",;"))  # a frame without a place
    opened.load()
    assert is_animated(opened) is False
