"""Inpainting through the real container: both kinds of checkpoints, areas, fills, ControlNet."""

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.images.files import encode_image
from core.images.outpaint import OutpaintMargins, outpaint
from formats.generation.infotext import read
from formats.generation.result import GenerationResult
from tests.container.conftest import CONTROL, Bits, Container, Store

BOX = (48, 16, 80, 48)
IMAGE = Image.linear_gradient("L").resize((128, 64)).convert("RGB")


@pytest.fixture(scope="module")
def job(store: Store) -> dict[str, Any]:
    mask = Image.new("L", IMAGE.size)
    mask.paste(255, BOX)
    return {
        "mode": "inpaint",
        "width": 128,
        "denoising_strength": 0.8,
        "init_image": store.put_image(IMAGE),
        "inpaint": {"mask": store.put_image(mask)},
    }


def changed(store: Store, result: GenerationResult) -> NDArray[np.bool_]:
    generated = np.asarray(store.image(result.id).convert("RGB"))
    difference: NDArray[np.bool_] = (generated != np.asarray(IMAGE)).any(axis=2)
    return difference


@pytest.mark.parametrize("checkpoint", ["tiny-noise-v1", "tiny-inpainting", "tiny-xl-inpainting"])
@pytest.mark.parametrize("area", ["Whole picture", "Only masked"])
def test_only_the_masked_area_is_changed(
    container: Container, store: Store, job: dict[str, Any], checkpoint: str, area: str
) -> None:
    inpaint = {**job["inpaint"], "area": area, "blur": 0, "padding": 8}
    generated = container.generate(
        **{**job, "inpaint": inpaint}, checkpoint=f"{checkpoint}.safetensors"
    )
    found = changed(store, generated)
    left, top, right, bottom = BOX
    assert found[top:bottom, left:right].mean() > 0.9
    found[top:bottom, left:right] = False
    assert not found.any()
    said = read(generated.pictures[0].infotext).parameters
    assert said["Denoising strength"] == "0.8"
    assert said.get("Inpaint area") == ("Only masked" if area == "Only masked" else None)
    assert "Mask blur" not in said


def test_every_setting_changes_the_image(
    container: Container, bits: Bits, job: dict[str, Any], pose: str
) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"inverted": True},
        {"blur": 12},
        {"area": "Only masked", "padding": 4},
        {"content": "fill"},
        {"content": "latent noise"},
        {"content": "latent nothing"},
    ]
    generated = [
        container.generate(**{**job, "inpaint": {**job["inpaint"], **it}}) for it in changes
    ]
    unit = {"model": CONTROL, "image": pose}
    generated.append(container.generate(**job, controlnets=[unit]))
    masked = {**job["inpaint"], "area": "Only masked"}
    generated.append(container.generate(**{**job, "inpaint": masked}, controlnets=[unit]))
    generated.append(container.generate(**{**job, "denoising_strength": 0.3}))
    assert len({bits(result) for result in generated}) == len(generated)
    texts = [result.pictures[0].infotext for result in generated]
    said = "Mask blur: 4, Inpaint area: Only masked, Masked area padding: 4, Version"
    assert said in texts[3]
    assert "Mask mode: Inpaint not masked, Mask blur: 4, Version" in texts[1]
    assert "Masked content: latent noise, Version" in texts[5]


@pytest.mark.parametrize("mask", [Image.new("L", (8, 8)), Image.new("RGBA", (8, 8))])
def test_an_empty_mask_is_refused(
    container: Container, store: Store, job: dict[str, Any], mask: Image.Image
) -> None:
    inpaint = {"mask": store.put_image(mask)}
    answer = container.post(**{**job, "inpaint": inpaint})
    assert (answer.status_code, answer.json()["field"]) == (400, "inpaint")


def test_a_mask_that_is_gone(container: Container, job: dict[str, Any]) -> None:
    answer = container.post(**{**job, "inpaint": {"mask": "0" * 64}})
    assert (answer.status_code, answer.json()["field"]) == (404, "inpaint.mask")


@pytest.mark.parametrize("content", ["original", "fill", "latent noise"])
@pytest.mark.parametrize("area", ["Whole picture", "Only masked"])
def test_an_extended_image_keeps_its_pixels_away_from_the_seam(
    container: Container, store: Store, job: dict[str, Any], content: str, area: str
) -> None:
    margins, blur = OutpaintMargins(left=32, right=0, up=0, down=16), 2
    made = outpaint(encode_image(IMAGE).data, margins, blur)
    width, height = made.size
    inpaint = {
        "mask": store.put_image(Image.open(io.BytesIO(made.mask))),
        "blur": blur,
        "content": content,
        "area": area,
    }
    start = store.put_image(Image.open(io.BytesIO(made.image)))
    changes = {"init_image": start, "inpaint": inpaint, "width": width, "height": height}
    result = container.generate(**{**job, **changes})
    generated = np.asarray(store.image(result.id).convert("RGB")).astype(int)
    assert generated.shape == (height, width, 3)
    seam = 8 + 3 * blur
    kept = abs(generated[: 64 - seam, 32 + seam :] - np.asarray(IMAGE)[: 64 - seam, seam:])
    assert kept.mean() == 0
    assert (
        generated[:, :32] != np.asarray(Image.open(io.BytesIO(made.image)))[:, :32]
    ).mean() > 0.5
