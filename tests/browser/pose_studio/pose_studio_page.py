"""Drives the ControlNet page in Chromium, as tests of the pose studio need it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops
from playwright.sync_api import FilePayload, Locator, expect

from formats.openpose.json_files import from_json
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Skeleton
from poses.canvas import fit_to_canvas
from poses.preset_poses import default_pose
from tests.browser.pose_editor.editor_driver import bytes_of
from tests.browser.studio_page import StudioPage
from tests.support.helpers import ROOT, wait_for

SIDE: Final = 256
WRIST: Final = "right wrist"
PHOTO: Final = ROOT / "tests" / "poses" / "photos" / "astronaut.jpg"
NOSE: Final = (0.436, 0.239)
"""Where the photo's nose is, in its sides; looked up in the picture."""

_FILES = """([name, type, bytes]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(bytes)], name, { type }));
  return files;
}"""


class PoseStudio(StudioPage):
    """The ControlNet page in one browser session."""

    def open_studio(self) -> None:
        """Open the page and wait until the figure and its map stand."""
        self.open("/controlnet")
        self.page.wait_for_selector("svg.canvas .joint")
        expect(self.page.get_by_alt_text("The OpenPose map", exact=True)).to_be_visible()

    def begin(self) -> "PoseStudio":
        """Open it with the default pose on a small canvas."""
        self.open_studio()
        self.small(SIDE)
        self.sees(f"The map, {SIDE} x {SIDE}")
        rev = self.page.locator(".root[data-rev]").get_attribute("data-rev")
        self.button("Default pose")
        self.page.locator(f".root[data-rev]:not([data-rev='{rev}'])").wait_for()
        shows(self, draw(fit_to_canvas(default_pose(), SIDE, SIDE)))
        return self

    def joint(self, name: str) -> Locator:
        """A joint of the first figure."""
        return self.page.locator(f"circle.joint[aria-label^='person 1, {name},']")

    def at(self, name: str) -> tuple[float, float]:
        """Where a joint is, in pixels of the canvas."""
        x, y = (float(self.joint(name).get_attribute(a) or "nan") for a in ("cx", "cy"))
        return x, y

    def drag(self, name: str, dx: int, dy: int) -> None:
        """Drag a joint over the screen."""
        box = self.joint(name).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=5)
        self.page.mouse.up()

    def map(self) -> Image.Image:
        """The map that is shown beside the editor."""
        image = self.page.get_by_alt_text("The OpenPose map", exact=True)
        data = bytes_of(str(image.evaluate("image => image.src")))
        return Image.open(io.BytesIO(data)).convert("RGB")

    def export(self, label: str) -> bytes:
        """Download the pose."""
        self.button("Export")
        with self.page.expect_download() as waiting:
            self.page.get_by_role("button", name=label, exact=True).click()
        data = Path(waiting.value.path()).read_bytes()
        self.page.keyboard.press("Escape")
        return data

    def pose(self) -> Skeleton:
        """The pose as it would be exported."""
        return from_json(self.export("OpenPose JSON"))

    def give(self, name: str, kind: str, data: bytes) -> None:
        """Drop a file on the studio's upload field."""
        file = FilePayload(name=name, mimeType=kind, buffer=data)
        self.page.locator("input[type=file]").first.set_input_files(file)

    def drop(self, name: str, kind: str, data: bytes) -> None:
        """Drop a file on the canvas."""
        files = self.page.evaluate_handle(_FILES, [name, kind, list(data)])
        for event in ("dragover", "drop"):
            self.page.locator("svg.canvas").dispatch_event(event, {"dataTransfer": files})


def same(a: Image.Image, b: Image.Image) -> bool:
    """Whether two pictures have the same pixels."""
    return a.size == b.size and ImageChops.difference(a, b).getbbox() is None


def loads(user: PoseStudio, at: Callable[[], bool]) -> None:
    """Wait until the editor shows what was asked for."""

    def turned() -> bool:
        user.page.wait_for_timeout(50)  # lets the browser's events through
        return at()

    wait_for(turned)


def shows(user: PoseStudio, wanted: Image.Image) -> None:
    """Wait for a map."""
    loads(user, lambda: same(user.map(), wanted))
