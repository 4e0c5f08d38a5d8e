"""Uploaded images: sound ones are taken whatever lies beside the pixels, others refused."""

import io

import pytest
from PIL import Image

from core.errors import InvalidInput
from core.images.files import check_image
from tests.support.png_extras import BROKEN, COSTLY, SOUND


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND)
def test_large_extras_are_no_hindrance(data: bytes) -> None:
    assert check_image(data, "photo").width == 8


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_picture_is_refused_at_its_field(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="picture") as refused:
        check_image(data, "photo")
    assert refused.value.field == "photo"


@pytest.mark.parametrize("data", COSTLY.values(), ids=COSTLY)
def test_a_costly_picture_is_refused_at_its_field(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"parts|MB of text") as refused:
        check_image(data, "photo")
    assert refused.value.field == "photo"


def test_an_avif_that_its_decoder_refuses_is_no_other_error() -> None:
    """libavif's words come as RuntimeError, at the opening or at the pixels."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((9, 7)).convert("RGB").save(file, "AVIF")
    data = file.getvalue()
    refused = 0
    for place in range(0, len(data), 3):
        try:
            check_image(data[:place] + b"\0" + data[place:], "photo")
        except InvalidInput:
            refused += 1
    assert refused > 0
