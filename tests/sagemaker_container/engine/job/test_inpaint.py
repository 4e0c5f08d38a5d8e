"""An inpaint job's images: the generated region, how it is filled, and how it is composited."""

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from formats.generation.fields import ResizeMode
from formats.generation.inpaint import Inpaint, InpaintArea, MaskedContent
from sagemaker_container.engine.job.inpaint import InpaintImage, prepare_inpaint
from sagemaker_container.errors import JobError

SIZE = (64, 64)
IMAGE = Image.linear_gradient("L").resize((320, 160)).convert("RGB")


def mask_of(box: tuple[int, int, int, int], size: tuple[int, int] = IMAGE.size) -> Image.Image:
    mask = Image.new("RGB", size)
    ImageDraw.Draw(mask).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), "white")
    return mask


def prepared(mask: Image.Image, size: tuple[int, int] = SIZE, **fields: Any) -> InpaintImage:
    options = Inpaint(mask="0" * 64, **fields)
    return prepare_inpaint(IMAGE, mask, options, size, ResizeMode.JUST_RESIZE)


MASKED: dict[str, Any] = {"area": InpaintArea.MASKED, "blur": 0}


@pytest.mark.parametrize(
    ("box", "size", "padding", "region"),
    [
        ((100, 60, 120, 80), SIZE, 10, (90, 50, 130, 90)),
        ((100, 60, 140, 70), SIZE, 0, (100, 45, 140, 85)),  # widened to a square
        ((0, 0, 10, 10), SIZE, 32, (0, 0, 42, 42)),  # moved into the image
        ((300, 150, 320, 160), SIZE, 0, (300, 140, 320, 160)),
        ((10, 0, 20, 160), (128, 64), 0, (0, 0, 320, 160)),
        ((0, 70, 320, 80), (64, 128), 0, (0, 0, 320, 160)),  # as tall as there is
    ],
)
def test_only_the_masked_region_is_generated(
    box: tuple[int, int, int, int],
    size: tuple[int, int],
    padding: int,
    region: tuple[int, int, int, int],
) -> None:
    found = prepared(mask_of(box), size, padding=padding, **MASKED)
    assert found.region == region
    assert found.start_image().size == size


@pytest.mark.parametrize("area", InpaintArea)
@pytest.mark.parametrize("blur", [0, 8])
def test_the_rest_of_the_image_is_not_changed(area: InpaintArea, blur: int) -> None:
    found = prepared(mask_of((100, 60, 200, 120)), area=area, blur=blur)
    after = np.asarray(found.composite(Image.new("RGB", SIZE, "red")))
    before = np.asarray(found.image)
    changed = (after != before).any(axis=2)
    scale = before.shape[1] / 320, before.shape[0] / 160
    far = np.ones_like(changed)
    reach = 3 * blur + 16  # in pixels of the original; the mask was scaled smoothly
    far[
        int((60 - reach) * scale[1]) : int((120 + reach) * scale[1]) + 1,
        int((100 - reach) * scale[0]) : int((200 + reach) * scale[0]) + 1,
    ] = False
    assert not changed[far].any()
    middle = int(90 * scale[1]), int(150 * scale[0])
    assert after[middle].tolist() == [255, 0, 0]


def test_the_whole_image_has_the_jobs_size() -> None:
    assert prepared(mask_of((0, 0, 9, 9))).composite(Image.new("RGB", SIZE)).size == SIZE
    only = prepared(mask_of((0, 0, 9, 9)), **MASKED).composite(Image.new("RGB", SIZE))
    assert only.size == IMAGE.size


def test_an_inverted_mask_generates_the_rest() -> None:
    found = prepared(mask_of((0, 0, 320, 80)), inverted=True, blur=0)
    mask = found.latent_mask(8, 8)[0, 0]
    assert not mask[:4].any()
    assert mask[4:].all()


def test_the_latent_mask_is_ones_and_zeros() -> None:
    mask = prepared(mask_of((100, 50, 200, 100)), blur=16).latent_mask(8, 8)
    assert set(mask.unique().tolist()) == {0, 1}
    assert mask.shape == (1, 1, 8, 8)


def test_the_masked_image_is_grey_under_the_mask() -> None:
    masked = np.asarray(prepared(mask_of((0, 0, 160, 160)), blur=0).masked_image())
    assert (masked[:, :31] == 127).all()
    assert (masked[:, 33:] == np.asarray(IMAGE.resize(SIZE))[:, 33:]).mean() > 0.9


@pytest.mark.parametrize("content", MaskedContent)
def test_filling_uses_the_surrounding_colours(content: MaskedContent) -> None:
    image = Image.new("RGB", SIZE, "blue")
    image.paste("red", (16, 16, 48, 48))
    options = Inpaint(mask="0" * 64, content=content, blur=0)
    mask = mask_of((16, 16, 48, 48), SIZE)
    found = prepare_inpaint(image, mask, options, SIZE, ResizeMode.JUST_RESIZE)
    red, _, blue = np.asarray(found.start_image())[32, 32].tolist()
    assert (red > blue) is (content is MaskedContent.ORIGINAL)


@pytest.mark.parametrize("inverted", [True, False])
def test_an_empty_mask_is_refused(inverted: bool) -> None:
    mask = Image.new("L", IMAGE.size, 255 if inverted else 0)
    with pytest.raises(JobError, match="covers nothing"):
        prepared(mask, inverted=inverted)


def test_a_mask_of_another_size_is_stretched() -> None:
    found = prepared(mask_of((0, 0, 5, 10), (10, 10)), blur=0)
    assert found.latent_mask(8, 8)[0, 0].sum(0).tolist() == [8, 8, 8, 8, 0, 0, 0, 0]
