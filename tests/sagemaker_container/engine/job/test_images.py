"""Input images: limits and resize modes; output images: previews, PNG, thumbnails."""

import io
import struct
import zlib

import pytest
from PIL import Image

from formats.generation.fields import ResizeMode
from formats.generation.infotext import PNG_KEY
from formats.generation.result import ErrorCode
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.engine.job.images import decode_image
from sagemaker_container.errors import JobError
from sagemaker_container.storage.output_store import encode_png, encode_thumbnail
from tests.support.png_extras import BROKEN, COSTLY, SOUND

WIDE = Image.new("RGB", (100, 50), "red")
WIDE.paste("blue", (50, 0, 100, 50))


def header_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large and has next to no pixels."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b""))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def encoded(image: Image.Image, form: str) -> bytes:
    data = io.BytesIO()
    image.save(data, form)
    return data.getvalue()


@pytest.mark.parametrize("mode", ResizeMode)
def test_every_mode_gives_the_jobs_size(mode: ResizeMode) -> None:
    assert resize(WIDE, 64, 96, mode).size == (64, 96)
    assert resize(WIDE, 100, 50, mode) is WIDE


def test_stretched_cropped_filled() -> None:
    stretched = resize(WIDE, 64, 64, ResizeMode.JUST_RESIZE)
    cropped = resize(WIDE, 64, 64, ResizeMode.CROP)
    filled = resize(WIDE, 64, 64, ResizeMode.FILL)
    for image in (stretched, cropped, filled):
        assert image.getpixel((4, 32)) == (255, 0, 0)
        assert image.getpixel((60, 32)) == (0, 0, 255)
        assert image.getpixel((4, 2)) == (255, 0, 0)  # filled: its own edge, not black


def test_a_filled_image_keeps_its_middle() -> None:
    gradient = Image.linear_gradient("L").convert("RGB")
    filled = resize(gradient, 512, 256, ResizeMode.FILL)
    assert filled.crop((128, 0, 384, 256)).tobytes() == gradient.tobytes()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "can't be read"),
        (b"no picture", "can't be read"),
        (encoded(WIDE, "PPM"), "can't be read"),
        (encoded(WIDE, "PNG")[:60], "can't be read"),
        (header_of(30_000, 30_000), "can't be read|pixels"),
        (header_of(5_000, 5_000), "pixels"),
    ],
)
def test_what_is_not_an_image_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(JobError, match=word):
        decode_image(data, "init_image")


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_image_is_refused_at_its_field(data: bytes) -> None:
    with pytest.raises(JobError, match="can't be read") as refused:
        decode_image(data, "init_image")
    assert (refused.value.code, refused.value.field) == (ErrorCode.BAD_REQUEST, "init_image")


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY)
def test_a_costly_image_is_refused_at_its_field(data: bytes) -> None:
    with pytest.raises(JobError, match=r"parts|MB of text") as refused:
        decode_image(data, "init_image")
    assert (refused.value.code, refused.value.field) == (ErrorCode.BAD_REQUEST, "init_image")


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_large_extra_chunks_are_accepted(data: bytes) -> None:
    assert decode_image(data, "init_image").size == (8, 8)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"])
def test_formats(form: str) -> None:
    assert decode_image(encoded(WIDE, form), "init_image").size == (100, 50)


@pytest.mark.parametrize(
    ("field", "mode", "pixel"),
    [("init_image", "RGB", (255, 255, 255)), ("inpaint.mask", "L", 0)],
)
def test_transparency_is_white_in_an_image_and_unmasked_in_a_mask(
    field: str, mode: str, pixel: object
) -> None:
    clear = Image.new("RGBA", (8, 8), (255, 255, 255, 0))
    image = decode_image(encoded(clear, "PNG"), field)
    assert (image.mode, image.getpixel((0, 0))) == (mode, pixel)


def test_a_png_keeps_any_infotext() -> None:
    text = "猫, émoji 🐕\nSteps: 4"
    assert Image.open(io.BytesIO(encode_png(WIDE, {PNG_KEY: text}))).info[PNG_KEY] == text


@pytest.mark.parametrize(
    ("size", "wanted"), [((1024, 512), (256, 128)), ((64, 64), (64, 64)), ((8, 512), (4, 256))]
)
def test_thumbnails(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert Image.open(io.BytesIO(encode_thumbnail(Image.new("RGB", size)))).size == wanted
