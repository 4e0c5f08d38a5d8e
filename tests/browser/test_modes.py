"""Hires fix, a painted mask, an extended image and an upscale job, to the container and back."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKPOINT = "tiny-noise-v1.safetensors"
UPSCALER = "tiny-upscaler.safetensors"


def test_a_picture_grows_is_painted_over_and_grows_again(
    tmp_path: Path, models: Path, new_page: NewPage
) -> None:
    with running(tmp_path / "data") as app:
        user = StudioPage(new_page(), app.url)
        user.open()
        user.upload_models([models / CHECKPOINT, models / UPSCALER])
        user.go("Endpoints")
        user.button("Create endpoint")
        user.is_in_service()
        large = hires(user)
        assert large.size == (128, 128)
        painted = inpaint(user)
        changed = (np.asarray(painted) != np.asarray(large)).any(axis=2)
        assert changed[60:68, 30:90].mean() > 0.8
        assert not changed[:30].any()
        head_of_the_pose(user)
        extended = outpaint(user)
        assert extended.size == (160, 128)
        seam = 24  # 8 pixels of overlap, and the blur's reach
        kept = np.asarray(extended)[:, 32 + seam :] == np.asarray(painted)[:, seam:]
        assert kept.all()
        assert upscale(user).size == (320, 256)


def hires(user: StudioPage) -> Image.Image:
    user.go("Generate")
    user.small()
    user.page.get_by_text("Hires fix", exact=True).click()
    user.sees("64 x 64 becomes 128 x 128 pixels.")
    user.generate("a cute dog")
    user.finished()
    return saved(user)


def inpaint(user: StudioPage) -> Image.Image:
    user.button("Send to inpaint")
    expect(user.page.get_by_role("spinbutton", name="Width", exact=True)).to_have_value("128")
    x, y, side = editor(user)
    user.page.mouse.click(x + 20, y + 20)
    for key in ("+", "Control+z", "0"):
        user.page.keyboard.press(key)
    stroke(user, (x + side * 0.2, y + side / 2), (x + side * 0.5, y + side / 2))
    user.go("Jobs")  # at once: the page does not run again with the stroke
    user.page.locator(".st-key-jobs-list").wait_for()
    user.go("Generate")
    x, y, side = editor(user)
    stroke(user, (x + side * 0.5, y + side / 2), (x + side * 0.75, y + side / 2))
    return run(user)  # at once: the button's click comes right behind the stroke


def editor(user: StudioPage) -> tuple[float, float, float]:
    """Left, top and side of the square canvas, once the mask is loaded."""
    user.page.locator(".st-key-generate-mask-canvas .root[data-rev]").wait_for()
    canvas = user.page.locator(".st-key-generate-mask-canvas canvas.canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    return box["x"], box["y"], box["width"]


def stroke(user: StudioPage, start: tuple[float, float], end: tuple[float, float]) -> None:
    user.page.mouse.move(*start)
    user.page.mouse.down()
    user.page.mouse.move(*end, steps=6)
    user.page.mouse.up()


def head_of_the_pose(user: StudioPage) -> None:
    """On ControlNet, the pose on the board says where the head is."""
    user.button("Send to ControlNet")
    user.page.locator(".st-key-pose-studio").wait_for()
    user.page.get_by_role("radio", name="inpaint").click()
    place = user.page.locator(".st-key-controlnet-mask-canvas")
    place.locator(".root[data-rev]").wait_for()
    place.get_by_role("button", name="Head").click()
    expect(place.get_by_role("button", name="Undo (Ctrl+Z)")).to_be_enabled()
    user.go("Generate")


def outpaint(user: StudioPage) -> Image.Image:
    user.button("Send to outpaint")
    for side, value in (("Left", 32), ("Right", 0)):
        user.number(side, value)
    user.sees("128 x 128 becomes 160 x 128 pixels.")
    return run(user)


def upscale(user: StudioPage) -> Image.Image:
    user.button("Send to upscale")
    expect(user.page.get_by_role("textbox", name="Prompt", exact=True)).to_have_count(0)
    user.page.get_by_role("combobox", name="Upscaler").click()
    user.page.get_by_role("option", name="tiny-upscaler").click()
    return run(user)


def run(user: StudioPage) -> Image.Image:
    shown = user.page.get_by_text("→").first.inner_text()
    user.page.get_by_role("button", name="Generate on Cloud").click()
    expect(user.page.get_by_text(shown)).to_have_count(0)
    user.finished()
    return saved(user)


def saved(user: StudioPage) -> Image.Image:
    """The original PNG."""
    with user.page.expect_download() as waiting:
        user.page.get_by_role("button", name="Save").click()
    return Image.open(io.BytesIO(Path(waiting.value.path()).read_bytes())).convert("RGB")
