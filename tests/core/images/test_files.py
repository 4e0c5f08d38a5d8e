"""Uploaded images: sound ones are taken whatever lies beside the pixels, others refused."""

import pytest

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
