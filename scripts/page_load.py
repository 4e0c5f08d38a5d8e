"""Measures a dashboard's pages on a cold browser: what moves by itself, and how soon each is there.

    .venv/bin/python -m scripts.page_load [--shifts] http://127.0.0.1:8501 [/jobs ...]

Each line is one page in a browser without a cache, 1440 and 390 pixels wide: its CLS, and seconds
until its first heading, button or field and until the script behind it has ended. `--shifts` also
prints each shift with what moved.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.layout_shift import Shift, cumulative_layout_shift, settled, watch

PAGES: Final = ("/", "/controlnet", "/jobs", "/models", "/endpoints", "/setup")
SIZES: Final = ((1440, 1000), (390, 844))
IN_USE: Final = "[data-testid=stMain] :is(h1, button, input, textarea)"


def load(browser: Browser, address: str, width: int, height: int) -> tuple[float, list[Shift]]:
    """Seconds until something of the page can be used, and what moved until it was at rest."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(120_000)
    watch(page)
    begun = time.monotonic()
    page.goto(address)
    page.locator(IN_USE).first.wait_for()
    seconds = time.monotonic() - begun
    shifts = settled(page)
    context.close()
    return seconds, shifts


def lines(url: str, paths: Sequence[str], shifts_too: bool) -> Iterator[str]:
    """One for each page and width, and one for each shift where they are asked for."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        for path in paths:
            for width, height in SIZES:
                seconds, shifts = load(browser, url + path, width, height)
                score = cumulative_layout_shift(shifts)
                yield f"{path:12} {width:5} px  CLS {score:.3f}  usable after {seconds:.1f} s"
                if shifts_too:
                    yield from (_described(shift) for shift in shifts)
        browser.close()


def _described(shift: Shift) -> str:
    sources = "".join(f"\n      {source}" for source in shift.sources)
    return f"   {shift.at:6.2f} s  {shift.score:.4f}{sources}"


def main() -> None:
    """Print a line for each page as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("paths", nargs="*", default=PAGES)
    parser.add_argument("--shifts", action="store_true")
    options = parser.parse_args()
    for line in lines(options.url.rstrip("/"), options.paths, options.shifts):
        print(line, flush=True)


if __name__ == "__main__":
    main()
