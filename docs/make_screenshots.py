"""Makes the pictures of the documentation from the real dashboard: `make_screenshots.py`.

It starts the dashboard as a newcomer's, with a data folder of its own and the demo models, does
what the user guide describes, and writes `docs/pictures/*.webp` and the README's `generate.png`.
Takes one to three minutes on two cores.
"""

import io
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.app_process import running
from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.studio_page import StudioPage

PICTURES: Final = Path(__file__).with_name("pictures")
PHOTO: Final = Path(__file__).parents[1] / "tests" / "poses" / "photos" / "astronaut.jpg"
PROMPTS: Final = ("a cute dog in the snow", "a cat in a forest", "a red fox on a beach at night")
POSED: Final = "a robot dancing on a hill"
WIDE: Final = {"width": 1360, "height": 900}
PHONE: Final = {"width": 390, "height": 844}


def main() -> None:
    """Go through the pages and keep a picture of each."""
    PICTURES.mkdir(exist_ok=True)
    expect.set_options(timeout=60_000)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data", demo=True) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        user = StudioPage(_page(browser), app.url)
        _first_start(user)
        _pictures(user)
        _pose(user)
        user.go("Jobs")
        user.sees("OpenPose map")
        shoot(user.page, "jobs")
        _dark_and_narrow(browser, app.url)
        browser.close()


def _page(browser: Browser, *, dark: bool = False, narrow: bool = False) -> Page:
    page = browser.new_page(
        viewport=PHONE if narrow else WIDE,  # type: ignore[arg-type]
        color_scheme="dark" if dark else "light",
        timezone_id="Europe/Berlin",
        device_scale_factor=1.5,
    )
    page.set_default_timeout(60_000)
    return page


def _first_start(user: StudioPage) -> None:
    user.open("/endpoints")
    user.sees("Creating")
    shoot(user.page, "endpoints")
    user.sees("InService", 120)
    user.go("Models")
    user.sees("control_openpose-toon.safetensors")
    user.button("Clear finished uploads")
    expect(user.page.get_by_text("· done")).to_have_count(0)
    shoot(user.page, "models")


def _pictures(user: StudioPage) -> None:
    user.go("Generate")
    for prompt in PROMPTS[1:]:
        _draw(user, prompt)
    user.number("Batch size", 4)
    user.generate(PROMPTS[0])
    expect(user.page.get_by_text("step").first).to_be_visible()
    expect(user.page.locator(".frame img[src]")).to_be_visible()
    shoot(user.page, "live")
    user.finished(180)
    shoot(user.page, "generate")


def _draw(user: StudioPage, prompt: str) -> None:
    user.generate(prompt)
    expect(user.page.get_by_role("img", name=prompt)).to_be_visible(timeout=180_000)


def _pose(user: StudioPage) -> None:
    page = user.page
    user.go("ControlNet")
    expect(page.get_by_role("img", name="The OpenPose map")).to_be_visible()
    _raise_an_arm(page)
    _draw(user, POSED)
    shoot(page, "controlnet")
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    user.sees("Found 1 person")
    page.set_viewport_size({**WIDE, "height": 1400})  # type: ignore[typeddict-item]
    shoot(page, "pose-photo", page.locator(".st-key-pose-studio"))
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    user.button("Remove the photo")
    user.button("Pose library")
    page.locator("button.pose[title='Dancing']").click()
    expect(page.get_by_role("button", name="Load", exact=True)).to_be_visible()
    shoot(page, "pose-library", page.get_by_role("dialog"))
    user.button("Close")


def _raise_an_arm(page: Page) -> None:
    box = page.locator("circle.joint[aria-label^='person 1, right wrist']").bounding_box()
    if box:
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 60, y - 190, steps=8)
        page.mouse.up()


def _dark_and_narrow(browser: Browser, url: str) -> None:
    for name, dark, narrow in (("dark", True, False), ("phone", False, True)):
        user = StudioPage(_page(browser, dark=dark, narrow=narrow), url)
        user.open()
        user.finished()
        shoot(user.page, name)


def shoot(page: Page, name: str, part: Locator | None = None) -> None:
    """Keep what the window shows, or a part of it, once nothing moves any more."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.mouse.move(0, 0)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    page.wait_for_timeout(800)
    image = Image.open(io.BytesIO((part or page).screenshot()))
    image.save(PICTURES / f"{name}.webp", quality=82, method=6)
    if name == "generate":
        small = image.convert("RGB").resize((WIDE["width"], WIDE["height"]))
        small.quantize(256).save(PICTURES / "generate.png", optimize=True)


if __name__ == "__main__":
    main()
