"""Measures the pose editor: mouse-up to the new map, frames during a drag, drags that got lost.

Run `python -m bench.pose_editor` from the repository's root. Times are taken in the page, in
milliseconds; the map is the PNG that `formats.openpose_map` draws in Python.
"""

import argparse
import math
import statistics
import time
from typing import Final

from playwright.sync_api import Page, WebSocket

from tests.browser.editor_driver import Editor, Place, chromium, options, place, served

WRIST: Final = 4

_COMMIT: Final = """() => {
  const map = document.querySelector("img[alt='The OpenPose map']"), old = map.src;
  window.commit = new Promise((done) => {
    window.addEventListener("pointerup", () => {
      const start = performance.now();
      const look = () => (map.isConnected && map.src !== old && map.complete
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


def main() -> None:
    """Print the three measurements for one canvas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drags", type=int, default=20)
    parser.add_argument("--size", default="512x512", help="width x height of the canvas")
    arguments = parser.parse_args()
    width, height = arguments.size.split("x")
    with served() as url, chromium() as browser:
        context = browser.new_context(**options())
        editor = Editor(context, f"{url}/?width={width}&height={height}")
        print(commits(editor, arguments.drags))
        print(frames(editor, arguments.drags))
        print(lost(editor))


def commits(editor: Editor, drags: int) -> str:
    """One drag after the other: the time to the new map, and what came over the wire."""
    received = _received(editor.page)
    times = [_commit(editor) for _ in range(drags + 2)][2:]
    quantiles = statistics.quantiles(times, n=20)
    kilobytes = sum(received) / 1000 / (drags + 2)
    return (
        f"commit_ms median={statistics.median(times):.0f} p95={quantiles[-1]:.0f} "
        f"worst={max(times):.0f} n={drags} received_kb_each={kilobytes:.1f}"
    )


def _received(page: Page) -> list[int]:
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    page.on("websocket", listen)
    page.reload()
    page.locator("svg.canvas .joint").first.wait_for()
    page.wait_for_timeout(1500)
    sizes.clear()
    return sizes


def _commit(editor: Editor) -> float:
    start = place(editor.held().people[0].body, WRIST)
    editor.drag(start, _back_and_forth(start), let_go=False)
    editor.page.evaluate(_COMMIT)
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
        start = place(editor.held().people[0].body, WRIST)
        editor.page.evaluate(_FRAMES)
        editor.drag(start, _back_and_forth(start), steps=60)
        taken = editor.page.evaluate(_FRAMES_END)[1:]
        rates.append(1000 / statistics.mean(taken))
        worst = max(worst, *taken)
        editor.page.wait_for_timeout(300)
    return f"drag_fps median={statistics.median(rates):.1f} worst_frame_ms={worst:.0f}"


def lost(editor: Editor) -> str:
    """20 drags without a pause; a drag is lost where Python has the joint elsewhere."""
    editor.start_again()
    pose = editor.held()
    body = pose.people[0].body
    here = {index: place(body, index) for index in range(len(body))}
    pixel = max(pose.width, pose.height) / 512  # about one of the screen's
    for index in [*here, WRIST, 9]:
        end = (here[index][0] + 5 * pixel, here[index][1] + 5 * pixel)
        editor.drag(here[index], end, steps=3)
        here[index] = end
    missed = list(here)
    end_of_wait = time.monotonic() + 10
    while missed and time.monotonic() < end_of_wait:
        held = editor.held().people[0].body
        missed = [i for i, at in here.items() if math.dist(place(held, i), at) > 1.5 * pixel]
        editor.page.wait_for_timeout(100)
    return f"lost_drags={len(missed)} of=20"


if __name__ == "__main__":
    main()
