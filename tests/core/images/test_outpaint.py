"""Extended images: their size, their mask, and that the image's own pixels stay."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from core.images.outpaint import (
    Outpainted,
    OutpaintMargins,
    extended_size,
    margins_for_aspect,
    outpaint,
    whole_steps,
)

Four = tuple[int, int, int, int]
"""Left, right, up, down."""


def margins(four: Four) -> OutpaintMargins:
    left, right, up, down = four
    return OutpaintMargins(left=left, right=right, up=up, down=down)


def fours(found: OutpaintMargins) -> Four:
    return found.left, found.right, found.up, found.down


@pytest.mark.parametrize(
    ("size", "asked", "grown", "extended"),
    [
        ((512, 512), (128, 128, 0, 0), (128, 128, 0, 0), (768, 512)),
        ((512, 512), (0, 0, 64, 8), (0, 0, 64, 8), (512, 584)),
        ((512, 512), (10, 0, 0, 0), (16, 0, 0, 0), (528, 512)),
        ((512, 512), (0, 10, 0, 0), (0, 16, 0, 0), (528, 512)),
        ((512, 512), (10, 10, 0, 0), (12, 12, 0, 0), (536, 512)),
        ((512, 512), (30, 10, 0, 0), (30, 10, 0, 0), (552, 512)),
        ((510, 300), (0, 0, 5, 0), (0, 2, 12, 0), (512, 312)),
        ((509, 511), (1, 1, 1, 1), (1, 2, 4, 5), (512, 520)),
    ],
)
def test_sides_divide_by_eight(size: Any, asked: Four, grown: Four, extended: Any) -> None:
    """A1111's rule, scripts/poor_mans_outpainting.py, which rounds to 64."""
    assert fours(whole_steps(size, margins(asked))) == grown
    assert extended_size(size, margins(asked)) == extended


@pytest.mark.parametrize(
    ("size", "ratio", "expected"),
    [
        ((512, 512), 1.0, (0, 0, 0, 0)),
        ((512, 512), 16 / 9, (200, 200, 0, 0)),
        ((512, 512), 9 / 16, (0, 0, 200, 200)),
        ((768, 512), 1.0, (0, 0, 128, 128)),
        ((512, 768), 4 / 3, (256, 256, 0, 0)),
        ((500, 500), 2.0, (250, 250, 0, 0)),
    ],
)
def test_an_aspect(size: Any, ratio: float, expected: Four) -> None:
    found = margins_for_aspect(size, ratio)
    assert fours(found) == expected
    width, height = extended_size(size, found)
    assert width / height == pytest.approx(ratio, rel=0.02)


def photo(width: int = 96, height: int = 80) -> Image.Image:
    """Left dark, right bright, and a grain that tells each pixel."""
    grain = np.random.default_rng(1).integers(0, 40, (height, width, 3))
    return Image.fromarray(
        (grain + np.linspace(20, 200, width)[None, :, None]).astype(np.uint8), "RGB"
    )


def extended(start: Image.Image, four: Four, blur: int = 4) -> tuple[Outpainted, Any, Any]:
    buffer = io.BytesIO()
    start.save(buffer, "PNG")
    made = outpaint(buffer.getvalue(), margins(four), blur)
    image, mask = (np.asarray(Image.open(io.BytesIO(one))) for one in (made.image, made.mask))
    return made, image, mask


@pytest.mark.parametrize(
    "four", [(32, 0, 0, 0), (0, 32, 0, 0), (16, 24, 8, 40), (0, 0, 0, 8), (200, 0, 0, 200)]
)
@pytest.mark.parametrize("blur", [0, 4, 10])
def test_the_image_stays_and_what_is_new_is_masked(four: Four, blur: int) -> None:
    start = photo()
    made, image, mask = extended(start, four, blur)
    left, right, up, down = four
    assert made.size == (96 + left + right, 80 + up + down)
    assert image.shape == (*made.size[::-1], 3)
    assert mask.shape == made.size[::-1]
    inside = np.s_[up : up + 80, left : left + 96]
    assert (image[inside] == np.asarray(start)).all()
    overlap = max(8, 2 * blur)
    kept = np.zeros_like(mask, dtype=bool)
    columns = slice(left + overlap * bool(left), left + 96 - overlap * bool(right))
    rows = slice(up + overlap * bool(up), up + 80 - overlap * bool(down))
    kept[rows, columns] = True
    assert ((mask == 0) == kept).all()
    assert set(np.unique(mask)) == {0, 255}


@pytest.mark.parametrize(("four", "edge"), [((48, 0, 0, 0), 0), ((0, 48, 0, 0), -1)])
def test_what_is_new_goes_on_with_the_edge(four: Four, edge: int) -> None:
    start = np.asarray(photo()).astype(int)
    _, image, _ = extended(photo(), four)
    new = image[:, :48] if four[0] else image[:, -48:]
    near = new[:, -2:] if four[0] else new[:, :2]
    assert near.mean() == pytest.approx(start[:, edge].mean(), abs=6)
    assert new.mean() == pytest.approx(start[:, edge].mean(), abs=25)
    assert new.std() > 10


def test_the_same_image_again() -> None:
    assert extended(photo(), (32, 8, 0, 0))[0] == extended(photo(), (32, 8, 0, 0))[0]


@pytest.mark.parametrize(
    ("size", "four", "said"),
    [((96, 80), (0, 0, 0, 0), "which sides"), ((4000, 4000), (2048, 0, 0, 0), "6,048 x 4,000")],
)
def test_what_can_not_be_extended(size: Any, four: Four, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as error:
        extended(Image.new("RGB", size), four)
    assert error.value.field == "outpaint"
