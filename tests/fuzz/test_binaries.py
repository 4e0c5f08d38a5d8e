"""Images and safetensors headers with bytes changed, cut off, put in or left out."""

import io
import json
import struct
from contextlib import suppress
from typing import Final

import pytest
from hypothesis import strategies as st
from PIL import ExifTags, Image

from core.errors import ContrappostoError
from core.images.files import check_image, check_mask, read_infotext
from formats.models.safetensors_header import HeaderError, parse_header, read_header
from tests.fuzz.test_texts import JSON, NUMBERS, mutated
from tests.support.fuzzing import examples, try_all

FILES: Final = (
    *(("PNG", mode) for mode in ("RGB", "RGBA", "P", "LA", "I;16", "1")),
    ("JPEG", "RGB"),
    ("JPEG", "CMYK"),
    ("WEBP", "RGBA"),
    ("AVIF", "RGB"),
    ("GIF", "P"),
    ("BMP", "RGB"),
    ("TIFF", "RGB"),
)
"""Formats and modes."""

ENTRY: Final = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F16", "F32", "BF16", ""]) | JSON,
        "shape": st.lists(NUMBERS, max_size=4) | JSON,
        "data_offsets": st.lists(NUMBERS, max_size=3) | JSON,
    }
)
HEADERS: Final = st.dictionaries(
    st.sampled_from(["__metadata__", "a.weight", "b.alpha"]) | st.text(max_size=5), ENTRY | JSON
).map(lambda header: with_length(json.dumps(header).encode()))


def with_length(header: bytes) -> bytes:
    """A safetensors file without data."""
    return struct.pack("<Q", len(header)) + header


def image_file(kind: str, mode: str) -> bytes:
    """A small image, with an orientation where the format takes EXIF, and a second frame."""
    image = Image.linear_gradient("L").resize((9, 7)).convert(mode)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = io.BytesIO()
    frames = [image.rotate(90)] if kind in ("GIF", "WEBP", "TIFF") else []
    image.save(data, kind, exif=exif, save_all=bool(frames), append_images=frames)
    return data.getvalue()


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """The file with up to four places changed."""
    place = st.tuples(st.integers(0, len(data)), st.integers(0, 4), st.binary(max_size=4))

    def change(places: list[tuple[int, int, bytes]]) -> bytes:
        changed = data
        for at, left_out, put_in in places:
            changed = changed[:at] + put_in + changed[at + left_out :]
        return changed

    return st.lists(place, min_size=1, max_size=4).map(change)


def read_image(data: bytes) -> None:
    for check in (check_image, check_mask):
        with suppress(ContrappostoError):
            assert check(data, "image").data.startswith(b"\x89PNG")
    with suppress(ContrappostoError):
        assert not read_infotext(data, "image")


def read_headers(data: bytes) -> None:
    with suppress(HeaderError):
        assert parse_header(data).data_start <= len(data)
    with suppress(HeaderError):
        assert read_header(io.BytesIO(data), len(data)).file_size == len(data)


@pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\..*")  # Pillow's words on a damaged file
@pytest.mark.parametrize(("kind", "mode"), FILES)
@examples
def test_images(kind: str, mode: str, rounds: int) -> None:
    try_all(damaged(image_file(kind, mode)), read_image, rounds)


@examples
def test_safetensors_headers(rounds: int) -> None:
    whole = mutated(HEADERS)
    bodies = mutated(HEADERS.map(lambda data: data[8:])).map(with_length)
    try_all(whole | bodies, read_headers, rounds)
