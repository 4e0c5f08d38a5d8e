"""The mask editor alone on a page: what Streamlit would say to it is said here."""

import io
from base64 import b64decode, b64encode
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from core.images.mask import paste_patch
from tests.ui.components.module_page import FOLDER, url_of
from ui.texts.form import mask as texts

Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 256, 192
_ENTRY: Final = FOLDER / "form" / "mask_editor" / "index.js"
_MOUNT: Final = """async ([url, style]) => {
  const { default: draw } = await import(url);
  const sheet = Object.assign(document.createElement("style"), { textContent: style });
  const host = document.createElement("div");
  host.style.width = "512px";
  host.innerHTML = "<div class='root'></div>";
  document.body.replaceChildren(sheet, host);
  const answers = [];
  const setStateValue = (name, value) => answers.push([name, value]);
  const say = (data) => draw({ data, parentElement: host, setStateValue });
  return { say, answers };
}"""


def url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


class MaskPage:
    """One editor; `say` is Python's next message, `mask` what Python makes of its answers."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.told = 0
        self.png: bytes | None = None
        self.open()

    def open(self) -> None:
        """Put a new editor in the place of the old one."""
        style = (_ENTRY.parent / "style.css").read_text("utf-8")
        self._mounted = self.page.evaluate_handle(_MOUNT, [url_of(_ENTRY), style])

    def say(self, rev: str = "1", size: tuple[int, int] = (WIDTH, HEIGHT), **more: Any) -> None:
        """What Python sends with a run of the script; waits for the mask to be loaded."""
        data = {
            "rev": rev,
            "picture": "picture",
            "width": size[0],
            "height": size[1],
            "image": url(Image.new("RGB", size, "navy")),
            "mask": None,
            "taken": 0,
            "brush": 40,
            "figures": [],
            "frame": None,
            "texts": texts.TEXTS,
            **more,
        }
        self.size = size
        self._close = self.page.evaluate_handle(
            "([mounted, data]) => mounted.say(data)", [self._mounted, data]
        )
        self.page.wait_for_selector(f".root[data-rev='{rev}']")

    def close(self) -> None:
        """The user goes to another page."""
        self._close.evaluate("close => close()")

    def answers(self) -> list[dict[str, Any]]:
        """The patches that the editor handed over so far."""
        found = self._mounted.evaluate("({ answers }) => answers.map(([, patch]) => patch)")
        return list(found)

    def mask(self) -> Pixels:
        """The mask after all answers."""
        answers = self.answers()
        for patch in answers[self.told :]:
            data = b64decode(patch["png"].partition(",")[2])
            self.png = paste_patch(self.png, self.size, tuple(patch["box"]), data)
        self.told = len(answers)
        if self.png is None:
            return np.zeros(self.size[::-1], np.uint8)
        return np.asarray(Image.open(io.BytesIO(self.png)))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the image is on the page while the view is fitted."""
        box = self.page.locator("canvas").bounding_box()
        assert box
        scale = min(box["width"] / self.size[0], box["height"] / self.size[1])
        left = box["x"] + (box["width"] - self.size[0] * scale) / 2
        top = box["y"] + (box["height"] - self.size[1] * scale) / 2
        return left + x * scale, top + y * scale

    def drag(self, *points: tuple[float, float]) -> None:
        """Press at the first of these pixels of the image, release at the last."""
        mouse = self.page.mouse
        mouse.move(*self.at(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.at(*point), steps=3)
        mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.locator("canvas").press(key)

    def tool(self, name: str) -> None:
        self.page.locator(f"[data-tool={name}]").click()

    def shown(self, x: float, y: float) -> list[int]:
        """The colour of the canvas at a pixel of the image, drawn by now."""
        place = [a - b for a, b in zip(self.at(x, y), self.at(0, 0), strict=True)]
        script = """async (canvas, [x, y]) => {
          const frame = () => new Promise((done) => requestAnimationFrame(done));
          await frame(); await frame();
          const ratio = canvas.width / canvas.clientWidth;
          const at = [Math.round(x * ratio), Math.round(y * ratio)];
          return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
        }"""
        colour: list[int] = self.page.locator("canvas").evaluate(script, place)
        return colour
