"""Inpainting through the real container: both kinds of checkpoints, areas, fills, ControlNet."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from formats.generation.infotext import read
from formats.generation.result import GenerationResult
from tests.container.conftest import CONTROL, Bits, Container, Store

BOX = (48, 16, 80, 48)
PICTURE = Image.linear_gradient("L").resize((128, 64)).convert("RGB")


@pytest.fixture(scope="module")
def job(store: Store) -> dict[str, Any]:
    mask = Image.new("L", PICTURE.size)
    mask.paste(255, BOX)
    return {
        "mode": "inpaint",
        "width": 128,
        "denoising_strength": 0.8,
        "init_image": store.put_picture(PICTURE),
        "inpaint": {"mask": store.put_picture(mask)},
    }


def changed(store: Store, result: GenerationResult) -> NDArray[np.bool_]:
    drawn = np.asarray(store.picture(result.id).convert("RGB"))
    difference: NDArray[np.bool_] = (drawn != np.asarray(PICTURE)).any(axis=2)
    return difference


@pytest.mark.parametrize("checkpoint", ["tiny-noise-v1", "tiny-inpainting", "tiny-xl-inpainting"])
@pytest.mark.parametrize("area", ["Whole picture", "Only masked"])
def test_only_the_mask_is_drawn_anew(
    container: Container, store: Store, job: dict[str, Any], checkpoint: str, area: str
) -> None:
    inpaint = {**job["inpaint"], "area": area, "blur": 0, "padding": 8}
    drawn = container.draw(**{**job, "inpaint": inpaint}, checkpoint=f"{checkpoint}.safetensors")
    found = changed(store, drawn)
    left, top, right, bottom = BOX
    assert found[top:bottom, left:right].mean() > 0.9
    found[top:bottom, left:right] = False
    assert not found.any()
    said = read(drawn.pictures[0].infotext).parameters
    assert said["Denoising strength"] == "0.8"
    assert said.get("Inpaint area") == ("Only masked" if area == "Only masked" else None)
    assert "Mask blur" not in said


def test_every_setting_changes_the_picture(
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
    drawn = [container.draw(**{**job, "inpaint": {**job["inpaint"], **it}}) for it in changes]
    unit = {"model": CONTROL, "image": pose}
    drawn.append(container.draw(**job, controlnets=[unit]))
    masked = {**job["inpaint"], "area": "Only masked"}
    drawn.append(container.draw(**{**job, "inpaint": masked}, controlnets=[unit]))
    drawn.append(container.draw(**{**job, "denoising_strength": 0.3}))
    assert len({bits(result) for result in drawn}) == len(drawn)
    texts = [result.pictures[0].infotext for result in drawn]
    said = "Mask blur: 4, Inpaint area: Only masked, Masked area padding: 4, Version"
    assert said in texts[3]
    assert "Mask mode: Inpaint not masked, Mask blur: 4, Version" in texts[1]
    assert "Masked content: latent noise, Version" in texts[5]


@pytest.mark.parametrize("mask", [Image.new("L", (8, 8)), Image.new("RGBA", (8, 8))])
def test_an_empty_mask_is_refused(
    container: Container, store: Store, job: dict[str, Any], mask: Image.Image
) -> None:
    inpaint = {"mask": store.put_picture(mask)}
    answer = container.post(**{**job, "inpaint": inpaint})
    assert (answer.status_code, answer.json()["field"]) == (400, "inpaint")


def test_a_mask_that_is_gone(container: Container, job: dict[str, Any]) -> None:
    answer = container.post(**{**job, "inpaint": {"mask": "0" * 64}})
    assert (answer.status_code, answer.json()["field"]) == (404, "inpaint.mask")
