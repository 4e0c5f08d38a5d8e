"""Infotext is found wherever A1111 and others write it."""

import io
import struct

import pytest
from PIL import ExifTags, Image

from core.errors import InvalidInput
from core.images.files import check_image, read_infotext
from formats.image_files import open_image
from formats.image_infotext import infotext_of
from tests.support.png_extras import itxt, png_with

TEXT = "a dog, 猫 é\nSteps: 4, Sampler: Euler, Seed: 1"
PLAIN = "a dog\nSteps: 4, Sampler: Euler, Seed: 1"
COMMENTS = {
    "big-endian, as piexif": (b"UNICODE\0" + TEXT.encode("utf-16-be"), TEXT),
    "little-endian": (b"UNICODE\0" + TEXT.encode("utf-16-le"), TEXT),
    "big-endian with a mark": (b"UNICODE\0\xfe\xff" + TEXT.encode("utf-16-be"), TEXT),
    "little-endian with a mark": (b"UNICODE\0\xff\xfe" + TEXT.encode("utf-16-le"), TEXT),
    "zeros at the end": (b"UNICODE\0" + PLAIN.encode("utf-16-le") + bytes(4), PLAIN),
    "ASCII": (b"ASCII\0\0\0" + PLAIN.encode(), PLAIN),
    "UTF-8 called ASCII": (b"ASCII\0\0\0" + TEXT.encode(), TEXT),
    "JIS": (b"JIS\0\0\0\0\0" + "猫, a: 1".encode("iso2022_jp"), "猫, a: 1"),
    "UTF-8 called JIS": (b"JIS\0\0\0\0\0" + TEXT.encode(), TEXT),
    "undefined": (bytes(8) + TEXT.encode(), TEXT),
    "without a code": (TEXT.encode(), TEXT),
    "nothing": (b"UNICODE\0", None),
    "half a letter": (b"UNICODE\0a", None),
    "no text": (bytes(8) + b"\xff\xfe\x80", None),
}


def image_with(comment: bytes, form: str) -> bytes:
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Software] = "any"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    Image.new("RGB", (8, 8)).save(buffer, form, exif=exif)
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG", "AVIF"])
@pytest.mark.parametrize(("comment", "text"), COMMENTS.values(), ids=COMMENTS)
def test_a_user_comment(comment: bytes, text: str | None, form: str) -> None:
    assert infotext_of(open_image(image_with(comment, form))) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (png_with((b"tEXt", b"parameters\0" + PLAIN.encode())), PLAIN),
        (png_with(itxt(b"parameters", TEXT.encode())), TEXT),
        (png_with(), None),
        (png_with((b"eXIf", b"II*\0" + struct.pack("<I", 9999))), None),
    ],
    ids=["tEXt", "iTXt", "none", "a broken EXIF"],
)
def test_a_png(data: bytes, text: str | None) -> None:
    assert infotext_of(open_image(data)) == text


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_an_upload_keeps_it(form: str) -> None:
    kept = check_image(image_with(COMMENTS["little-endian"][0], form), "init_image")
    assert infotext_of(open_image(kept.data)) == TEXT


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_it_is_read_without_the_pixels(form: str) -> None:
    data = image_with(COMMENTS["big-endian, as piexif"][0], form)
    assert read_infotext(data, "image") == TEXT
    with pytest.raises(InvalidInput, match="not a PNG") as refused:
        read_infotext(b"a dog", "image")
    assert refused.value.field == "image"
