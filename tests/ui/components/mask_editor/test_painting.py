"""What the tools of the mask editor paint, and what Python gets of it."""

import io
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.ui.components.mask_editor.mask_page import HEIGHT, WIDTH, MaskPage, url

pytestmark = pytest.mark.browser

WHOLE = WIDTH * HEIGHT


def box_of(mask: Any) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(mask > 127)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_a_stroke_is_as_wide_as_the_brush(editor: MaskPage) -> None:
    editor.drag((60, 100), (200, 100))
    width = 40 * 256 / 420
    expected = (60 - width / 2, 100 - width / 2, 200 + width / 2, 100 + width / 2)
    assert box_of(editor.mask()) == pytest.approx(expected, abs=2)
    (patch,) = editor.answers()
    left, top, right, bottom = patch["box"]
    assert (right - left) * (bottom - top) < WHOLE / 4
    assert editor.shown(130, 100)[0] > 120 > editor.shown(130, 30)[0]


def test_a_patch_is_a_grey_image_of_eight_bits(editor: MaskPage) -> None:
    editor.drag((60, 100), (90, 100))
    (patch,) = editor.answers()
    image = Image.open(io.BytesIO(b64decode(patch["png"].partition(",")[2])))
    pixels = np.asarray(image.convert("RGBA"))
    assert image.size == (patch["box"][2] - patch["box"][0], patch["box"][3] - patch["box"][1])
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize(
    ("tool", "points", "area"),
    [
        ("rectangle", [(20, 30), (120, 130)], 10_000),
        ("rectangle", [(120, 130), (20, 30)], 10_000),
        ("lasso", [(20, 20), (120, 20), (120, 120)], 5_000),
        ("lasso", [(0, 0), (256, 0), (256, 192), (0, 192)], WHOLE),
    ],
)
def test_areas(editor: MaskPage, tool: str, points: list[Any], area: int) -> None:
    editor.tool(tool)
    editor.drag(*points)
    mask = editor.mask()
    assert (mask > 127).sum() == pytest.approx(area, rel=0.03)
    editor.tool("erase")
    editor.drag(*points)
    assert (editor.mask() > 127).sum() == 0


@pytest.mark.parametrize(
    ("keys", "share"),
    [
        ("f", 1.0),
        ("fx", 0.0),
        ("x", 1.0),
        (["f", "Delete"], 0.0),
        (["f", "Control+z"], 0.0),
        (["f", "Control+z", "Control+Shift+Z"], 1.0),
        (["f", "Control+z", "Control+y"], 1.0),
        (["f", "x", "Control+z", "Control+z", "Control+z"], 0.0),
    ],
)
def test_keys_for_the_whole_mask(editor: MaskPage, keys: Any, share: float) -> None:
    editor.press(*keys)
    assert (editor.mask() == 255).mean() == share


def test_a_soft_edge_is_inverted_and_comes_back(editor: MaskPage) -> None:
    editor.drag((60, 60), (150, 131))
    before = editor.mask().astype(int)
    editor.press("x")
    assert abs(255 - editor.mask().astype(int) - before).max() <= 1
    editor.press("Control+z")
    assert (editor.mask() == before).all()


def test_fifty_steps_are_undone_and_done_again(editor: MaskPage) -> None:
    for step in range(60):
        editor.press("f" if step % 2 == 0 else "x")
    editor.drag((60, 60), (150, 131))
    painted = editor.mask()
    for _ in range(61):
        editor.press("Control+z")
    assert editor.mask().sum() == 0
    assert editor.page.locator("[data-tool=undo]").is_disabled()
    for _ in range(61):
        editor.press("Control+Shift+Z")
    assert (editor.mask() == painted).all()


def test_brush_sizes(editor: MaskPage) -> None:
    said = editor.page.locator(".size output")
    assert said.inner_text() == "24 px"
    editor.press("]")
    assert said.inner_text() == "30 px"
    editor.press("[", "[")
    assert said.inner_text() == "20 px"
    editor.page.locator(".size input").fill("100")
    assert said.inner_text() == "128 px"
    editor.page.mouse.move(*editor.at(100, 100))
    ring = editor.page.locator(".ring").bounding_box()
    assert ring
    assert ring["width"] == pytest.approx(128 * 512 / 256, rel=0.02)
    editor.drag((128, 96), (129, 96))
    assert editor.answers()[-1]["brush"] == 210


def test_arrows_and_enter_paint(editor: MaskPage) -> None:
    editor.press("ArrowRight", "Enter")
    left, top, right, bottom = box_of(editor.mask())
    assert (left + right) / 2 == pytest.approx(128 + 6, abs=2)
    assert (top + bottom) / 2 == pytest.approx(96, abs=2)


def test_shift_paints_a_straight_line(editor: MaskPage) -> None:
    editor.drag((40, 40), (41, 40))
    editor.page.keyboard.down("Shift")
    editor.drag((200, 160), (201, 160))
    editor.page.keyboard.up("Shift")
    assert editor.mask()[100, 120] == 255


def figure(x: float) -> dict[str, Any]:
    spot = {"x": x, "y": 50}
    hand = {"a": {"x": x, "y": 120}, "b": {"x": x, "y": 150}, "radius": 8}
    return {"head": [{"a": spot, "b": spot, "radius": 20}], "hands": [hand], "figure": []}


def test_a_mask_from_the_pose(editor: MaskPage) -> None:
    editor.say(figures=[figure(60), figure(180)])
    part = editor.page.get_by_role("button", name="Head")
    part.click()
    mask = editor.mask()
    assert (mask > 127).sum() == pytest.approx(2 * np.pi * 20**2, rel=0.02)
    editor.press("Control+z")
    editor.page.locator(".who").select_option("Figure 2")
    part.click()
    assert box_of(editor.mask()) == pytest.approx((160, 30, 200, 70), abs=1)
    editor.page.get_by_role("button", name="Hands").click()
    assert box_of(editor.mask()) == pytest.approx((160, 30, 200, 158), abs=1)
    editor.tool("erase")
    part.click()
    assert box_of(editor.mask()) == pytest.approx((172, 112, 188, 158), abs=1)
    editor.page.get_by_role("button", name="Figure", exact=True).click()
    assert editor.page.locator(".spoken").inner_text() == "the pose has no such part"


def test_a_mask_is_loaded_as_it_is(editor: MaskPage) -> None:
    grey = Image.fromarray(np.tile(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, 1)))
    editor.say("2", mask=url(grey))
    editor.press("x", "x")
    assert abs(editor.mask().astype(int) - np.asarray(grey)).max() <= 1
