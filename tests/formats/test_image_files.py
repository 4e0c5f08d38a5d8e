"""A sound PNG is read whatever lies beside its pixels, and keeps what is read of that."""

import io

import pytest
from PIL import Image

from formats.generation.infotext import MAX_INFOTEXT
from formats.image_files import FILE_ENDINGS, TooManyChunks, open_image, strip_chunks
from formats.limits import MAX_IMAGE_CHUNKS
from tests.support.png_extras import COSTLY, PROFILE, SOUND, itxt, png_with, ztxt


def opened(data: bytes) -> Image.Image:
    image = open_image(data)
    image.load()
    return image


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_large_extras_are_no_hindrance(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"too large|Too much"):
        Image.open(io.BytesIO(data)).load()
    assert opened(data).getpixel((4, 4)) == (255, 0, 0)
    assert (
        strip_chunks(data).count(b"parameters") <= 1
    )  # each that stays takes Pillow a millisecond


@pytest.mark.parametrize("text", [ztxt, itxt])
def test_an_infotext_is_kept_and_one_that_is_too_long_seen_to_be(text: type) -> None:
    assert opened(png_with(PROFILE, text(b"parameters", b"a dog"))).info["parameters"] == "a dog"
    long = opened(png_with(text(b"parameters", b"a" * (2 << 20)))).info["parameters"]
    assert len(long) > MAX_INFOTEXT


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a iCCP", png_with()])
def test_anything_else_stays_as_it_is(data: bytes) -> None:
    assert strip_chunks(data) is data


@pytest.mark.parametrize("length", range(8, 120, 7))
def test_a_cut_file_is_cut_where_it_was(length: int) -> None:
    data = png_with(PROFILE, itxt(b"parameters", b"x"))[:length]
    assert len(strip_chunks(data)) <= len(data)


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY)
def test_a_file_that_takes_minutes_to_open_is_refused(data: bytes) -> None:
    with pytest.raises(TooManyChunks, match=r"parts|MB of text"):
        open_image(data)


def encoded(form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((256, 256), 90).convert("RGB").save(buffer, form, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        png_with(*[(b"prVt", b"")] * (MAX_IMAGE_CHUNKS - 3)),
        encoded("PNG") + bytes(2_000_000),
        encoded("JPEG", quality=100) + b"\xff" * 100_000,
        encoded("JPEG", comment=b"c" * 60_000, progressive=True),
        encoded("GIF", save_all=True, append_images=[Image.new("RGB", (256, 256))] * 99),
    ],
    ids=["at the limit", "bytes after a PNG", "bytes after a JPEG", "a comment", "an animation"],
)
def test_what_costs_little_is_opened(data: bytes) -> None:
    assert opened(data).size in {(8, 8), (256, 256)}


def test_a_field_takes_every_ending_of_a_jpeg() -> None:
    """Windows may have registered .jfif for them, and a browser offers what a field lists."""
    assert {"jpg", "jpeg", "jfif"} <= set(FILE_ENDINGS)
