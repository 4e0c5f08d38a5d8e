"""Serves the pose editor's page and drives it in Chromium, as tests and measurements need it."""

import io
import socket
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from formats.openpose.skeleton import Point, Points, Skeleton
from tests.browser.chromium import FLAGS, chromium_path

Place = tuple[float, float]
PAGE: Final = Path(__file__).with_name("pose_editor_app.py")
MAP: Final = "img[alt='The OpenPose map']"
DEADLINE: Final = 120.0


@contextmanager
def served(page: Path = PAGE) -> Iterator[str]:
    """Run the page on a free port. Yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(page), "--server.port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"No page at {url}.")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def bytes_of(url: str) -> bytes:
    """What a data URL holds."""
    return b64decode(url.partition(",")[2])


class Map(NamedTuple):
    """The shown picture: its address and its bytes."""

    source: str
    data: bytes


_PAINT: Final = """async (svg, [width, height]) => {
  const copy = svg.cloneNode(true);
  copy.querySelectorAll(".frame, .ring, .grid, .hidden").forEach((node) => node.remove());
  copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const image = new Image();
  const text = new XMLSerializer().serializeToString(copy);
  image.src = "data:image/svg+xml," + encodeURIComponent(text);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  return canvas.toDataURL();
}"""


class Editor:
    """The editor on one page; places are in pixels of its canvas."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        """Open the page and wait until the figures stand."""
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)
        self.page.wait_for_selector("svg.canvas .joint")
        self.page.wait_for_selector(MAP)

    def start_again(self) -> None:
        """Load the page's first pose, and wait until editor and Python have it."""
        root = self.page.locator(".root[data-rev]")
        old = root.get_attribute("data-rev")
        loads = self.page.locator("#held").get_attribute("data-loads")
        self.page.get_by_role("button", name="Load the start").click()
        self.page.locator(f".root:not([data-rev='{old}'])").wait_for()
        self.page.locator(f"#held:not([data-loads='{loads}'])").wait_for(state="attached")

    def held(self) -> Skeleton:
        """The pose as Python has it."""
        return Skeleton.model_validate_json(self.page.locator("#held").text_content() or "")

    def until(self, agrees: Callable[[Skeleton], bool]) -> Skeleton:
        """Wait until Python's pose agrees. Returns it."""
        end = time.monotonic() + DEADLINE
        while not agrees(held := self.held()):
            assert time.monotonic() < end, f"never came to agree: {held}"
            self.page.wait_for_timeout(20)
        return held

    def joint(self, name: str, person: int = 1) -> Locator:
        """A joint of the body as it is drawn."""
        return self.page.locator(f"circle.joint[aria-label^='person {person}, {name},']")

    def map(self) -> Map:
        """The picture of the map that is shown beside the editor."""
        source = self.page.locator(MAP).evaluate("image => image.src")
        return Map(source, bytes_of(source))

    def raster(self, width: int, height: int) -> Image.Image:
        """The figures as the browser paints them, one pixel for one of the canvas."""
        url = self.page.locator("svg.canvas").evaluate(_PAINT, [width, height])
        return Image.open(io.BytesIO(bytes_of(url)))

    def touch(self, *ways: list[Place], hold: float = 0) -> None:
        """Put down a finger for each way at its first place, move them along, lift them.

        They rest where they are for `hold` milliseconds before that.
        """
        devtools = self.page.context.new_cdp_session(self.page)
        for step, places in enumerate(zip(*ways, strict=True)):
            points = [
                {"x": x, "y": y, "id": finger}
                for finger, (x, y) in enumerate(map(self.on_screen, places))
            ]
            kind = "touchMove" if step else "touchStart"
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            self.page.wait_for_timeout(30)
        self.page.wait_for_timeout(hold)
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def on_screen(self, place: Place) -> Place:
        """Where a place of the canvas is on the screen."""
        script = """(svg, [x, y]) => {
          const at = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM());
          return [at.x, at.y];
        }"""
        x, y = self.page.locator("svg.canvas").evaluate(script, list(place))
        return (x, y)

    def attributes(self, selector: str) -> list[dict[str, str]]:
        """The attributes of all drawn elements of the canvas that match."""
        found: list[dict[str, str]] = self.page.locator(f"svg.canvas {selector}").evaluate_all(
            "all => all.filter(one => one.getAttribute('display') !== 'none').map(one =>"
            " Object.fromEntries([...one.attributes].map(a => [a.name, a.value])))"
        )
        return found

    def drag(self, start: Place, end: Place, *, steps: int = 6, let_go: bool = True) -> None:
        """Press at one place, move to another, let go there."""
        mouse = self.page.mouse
        mouse.move(*self.on_screen(start))
        mouse.down()
        mouse.move(*self.on_screen(end), steps=steps)
        if let_go:
            mouse.up()

    def use(self, tool: str) -> None:
        """Click a tool of the tool bar, or one beside the zoom."""
        self.page.locator(f"button[data-tool={tool}]:not([role])").click()


def joint(points: Points | None, index: int) -> Point:
    """A joint that must be there."""
    assert points
    point = points[index]
    assert point
    return point


def place(points: Points | None, index: int) -> Place:
    """Where a joint that must be there is."""
    point = joint(points, index)
    return (point.x, point.y)


def options(**more: Any) -> dict[str, Any]:
    """What a new browser context is opened with."""
    return {"viewport": {"width": 1300, "height": 1000}, **more}
