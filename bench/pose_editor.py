"""Measures the pose editor: mouse-up to the new map, frames during a drag, drags that got lost.

Run `python -m bench.pose_editor` from the repository's root; with `--app` it measures the real
ControlNet page instead of the editor alone. Times are taken in the page, in milliseconds; the map
is the PNG that `formats.openpose.pose_map` draws in Python.
"""

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops
from playwright.sync_api import Page, WebSocket

from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Point, Skeleton
from tests.browser.app_process import running
from tests.browser.pose_editor.editor_driver import (
    MAP,
    Editor,
    Place,
    chromium,
    options,
    place,
    served,
)

PHOTO: Final = Path(__file__).parents[1] / "tests" / "poses" / "photos" / "astronaut.jpg"
WRIST: Final = 4

_COMMIT: Final = """selector => {
  const map = () => document.querySelector(selector), old = map().src;
  window.commit = new Promise((done) => {
    window.addEventListener("pointerup", () => {
      const start = performance.now();
      const look = () => (map()?.src !== old && map()?.complete
        ? done(performance.now() - start) : requestAnimationFrame(look));
      look();
    }, { once: true, capture: true });
  });
}"""

_FRAMES: Final = """() => {
  window.frames_ = [];
  let last = performance.now();
  const next = (now) => {
    window.frames_.push(now - last);
    last = now;
    window.frameLoop = requestAnimationFrame(next);
  };
  window.frameLoop = requestAnimationFrame(next);
}"""

_FRAMES_END: Final = "() => { cancelAnimationFrame(window.frameLoop); return window.frames_; }"


_BODIES: Final = """svg => [...svg.querySelectorAll("g > g:has(.joint)")].map(figure =>
  [...figure.querySelectorAll("[data-part=body]")].map(joint =>
    joint.getAttribute("display") === "none" ? null
      : { x: Number(joint.getAttribute("cx")), y: Number(joint.getAttribute("cy")) }))"""


def main() -> None:
    """Print the three measurements for one canvas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", action="store_true", help="the real page, 512 x 512")
    parser.add_argument("--drags", type=int, default=20)
    parser.add_argument("--size", default="512x512", help="width x height of the bare canvas")
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--hands", action="store_true", help="give the last person both hands")
    parser.add_argument("--photo", action="store_true", help="lay a photo under them (with --app)")
    arguments = parser.parse_args()
    width, height = arguments.size.split("x")
    query = f"?width={width}&height={height}"
    with _page(arguments.app) as url, chromium() as browser:
        context = browser.new_context(**options())
        editor = Editor(context, f"{url}/controlnet" if arguments.app else f"{url}/{query}")
        received = _received(editor.page)
        _fill(editor, arguments)
        print(commits(editor, arguments.drags, received))
        print(frames(editor, arguments.drags))
        print(lost(editor))


@contextmanager
def _page(app: bool) -> Iterator[str]:
    """The address of the real dashboard without models, or of the editor's test page."""
    if not app:
        with served() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as dashboard:
        yield dashboard.url


def _fill(editor: Editor, arguments: argparse.Namespace) -> None:
    if arguments.photo:
        editor.page.locator("input[type=file]").first.set_input_files(PHOTO)
        editor.page.locator("svg.canvas image[href]").wait_for(state="attached")
    for _ in range(arguments.people - 1):
        editor.use("add")
    if arguments.hands:
        editor.use("hands")
        for part in ("left_hand", "right_hand"):
            editor.page.locator(f"[data-hand={part}]").select_option("open")
    editor.page.wait_for_timeout(1500)


def commits(editor: Editor, drags: int, received: list[int]) -> str:
    """One drag after the other: the time to the new map, and what came over the wire."""
    received.clear()
    times = [_commit(editor) for _ in range(drags + 2)][2:]
    quantiles = statistics.quantiles(times, n=20)
    kilobytes = sum(received) / 1000 / (drags + 2)
    return (
        f"commit_ms median={statistics.median(times):.0f} p95={quantiles[-1]:.0f} "
        f"worst={max(times):.0f} n={drags} received_kb_each={kilobytes:.1f}"
    )


def shown(editor: Editor) -> Skeleton:
    """The bodies as the browser has them."""
    (paper,) = editor.attributes("rect.paper")
    people: list[list[Point | None]] = editor.page.locator("svg.canvas").evaluate(_BODIES)
    return Skeleton.model_validate(
        {
            "width": int(paper["width"]),
            "height": int(paper["height"]),
            "people": [{"body": tuple(body)} for body in people],
        }
    )


def _received(page: Page) -> list[int]:
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    page.on("websocket", listen)
    page.reload()
    page.locator("svg.canvas .joint").first.wait_for()
    page.wait_for_timeout(1500)
    return sizes


def _commit(editor: Editor) -> float:
    start = place(shown(editor).people[-1].body, WRIST)
    editor.drag(start, _back_and_forth(start), let_go=False)
    editor.page.evaluate(_COMMIT, MAP)
    editor.page.mouse.up()
    taken = float(editor.page.evaluate("window.commit"))
    editor.page.wait_for_timeout(300)
    return taken


def _back_and_forth(start: Place) -> Place:
    """40 pixels away from the nearer side, so that the joint never reaches an edge."""
    return (start[0] + (40 if start[0] < 200 else -40), start[1])


def frames(editor: Editor, drags: int) -> str:
    """Frames a second while a joint is dragged, 60 moves a drag."""
    rates, worst = [], 0.0
    for _ in range(drags):
        start = place(shown(editor).people[-1].body, WRIST)
        editor.page.evaluate(_FRAMES)
        editor.drag(start, _back_and_forth(start), steps=60)
        taken = editor.page.evaluate(_FRAMES_END)[1:]
        rates.append(1000 / statistics.mean(taken))
        worst = max(worst, *taken)
        editor.page.wait_for_timeout(300)
    return f"drag_fps median={statistics.median(rates):.1f} worst_frame_ms={worst:.0f}"


def lost(editor: Editor) -> str:
    """20 drags without a pause; one is lost where the browser has the joint elsewhere, or all of
    them where Python's map does not come to show what the browser has."""
    for _ in range(len(shown(editor).people) - 1):
        editor.use("remove")
    for part in ("left_hand", "right_hand"):
        if editor.page.locator(f"[data-hand={part}]").is_visible():
            editor.page.locator(f"[data-hand={part}]").select_option("none")
    editor.page.wait_for_timeout(1500)
    pose = shown(editor)
    body = pose.people[0].body
    here = {index: (point.x, point.y) for index, point in enumerate(body) if point}
    pixel = max(pose.width, pose.height) / 512  # about one of the screen's
    for index in (list(here) * 2)[:20]:
        x, y = here[index]
        step = 5 * pixel  # away from the edges, where a joint would stop
        end = (
            x + (step if x < pose.width / 2 else -step),
            y + (step if y < pose.height / 2 else -step),
        )
        editor.drag(here[index], end, steps=3)
        here[index] = end
    now = shown(editor).people[0].body
    missed = sum(
        max(abs(a - b) for a, b in zip(place(now, i), at, strict=True)) > 1.5 * pixel
        for i, at in here.items()
    )
    return f"lost_drags={missed if _arrived(editor) else 20} of=20"


def _arrived(editor: Editor) -> bool:
    """Whether Python's map comes to be the drawing of what the browser shows."""
    wanted, end = draw(shown(editor)), time.monotonic() + 10
    while time.monotonic() < end:
        drawn = Image.open(io.BytesIO(editor.map().data)).convert("RGB")
        if ImageChops.difference(drawn, wanted).getbbox() is None:
            return True
        editor.page.wait_for_timeout(100)
    return False


if __name__ == "__main__":
    main()
