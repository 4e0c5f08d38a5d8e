"""The pose studio as a user has it, from a drag to a picture."""

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from formats.openpose.pose_map import COLOURS, draw
from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.pose_studio.pose_studio_page import SIDE, WRIST, PoseStudio, loads, same
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


CHECKPOINT, CONTROLNET = "tiny-noise-v1.safetensors", "tiny-control-openpose.safetensors"


@pytest.fixture(scope="module")
def url(
    tmp_path_factory: pytest.TempPathFactory, models: Path, new_session: NewPage
) -> Iterator[str]:
    """The dashboard with models and an endpoint."""
    with running(tmp_path_factory.mktemp("studio") / "data") as app:
        user = StudioPage(new_session(), app.url)
        user.open("/models")
        user.upload_models([models / CHECKPOINT, models / CONTROLNET])
        user.go("Endpoints")
        user.button("Create endpoint")
        user.is_in_service()
        yield app.url


def test_a_dragged_joint_reaches_the_stored_map_pixel_by_pixel(studio: PoseStudio) -> None:
    before, old = studio.at(WRIST), studio.map()
    studio.drag(WRIST, -40, 20)
    studio.generate("a dancer")
    loads(studio, lambda: not same(studio.map(), old))
    assert studio.at(WRIST)[0] < before[0]
    job = studio.finished()
    drawn = draw(studio.pose())
    assert same(studio.map(), drawn)
    studio.page.get_by_role("button", name="Pose", exact=True).click()
    layer = studio.page.locator("div.frame img.map")
    expect(layer).to_be_visible()
    source = str(layer.evaluate("image => image.src"))
    assert job in source
    stored = httpx.get(source, trust_env=False).content
    assert same(Image.open(io.BytesIO(stored)).convert("RGB"), drawn)
    studio.page.get_by_role("button", name="Overlay", exact=True).click()
    seen = Image.open(io.BytesIO(studio.page.locator("div.frame").screenshot())).convert("RGB")
    x, y = (value * seen.width / SIDE for value in studio.at(WRIST))
    colour = seen.getpixel((round(x), round(y)))
    assert isinstance(colour, tuple)
    pairs = zip(colour, COLOURS[4], strict=True)
    assert max(abs(a - b) for a, b in pairs) < 60, "a bright picture does not wash the map out"
    studio.sees("Pose score")


def test_a_unit_without_anybody_to_follow_says_so_at_once(studio: PoseStudio) -> None:
    note = studio.page.get_by_text("there is nobody in the pose")
    studio.page.locator("[data-tool=remove]").click()
    expect(note).to_be_visible()
    studio.page.locator("[data-tool=add]").click()
    expect(note).to_have_count(0)
