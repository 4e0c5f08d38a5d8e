"""Measures what a user waits for in the browser: from `make run` to a page, from click to picture.

Part of `bench.whole_way`, which prints it. The drawing's own seconds come from each job's result.
"""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from formats.generation.result import GenerationResult
from formats.keys import result_key
from local_aws.data_folder import DataFolder
from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.studio_page import StudioPage

ROOT: Final = Path(__file__).parents[1]
CHECKPOINT: Final = "tiny-noise-v1.safetensors"
DRAWING: Final = ("draw", "decode", "encode")
"""Stages of a result that are the picture itself."""

_LEFT_OVER: Final = ("AWS_", "CONTRAPPOSTO_", "STREAMLIT_")


def measure_page(count: int, starts: int = 3) -> Iterator[tuple[str, float]]:
    """Names and seconds. The first start makes the data folder, the others are measured."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        data = Path(folder)
        with _running(data, browser) as (page, url, _):
            _prepare(StudioPage(page, url), data)
            yield from _jobs(page, data, count)
        times = []
        for _ in range(starts):
            with _running(data, browser) as (_, _, seconds):
                times.append(seconds)
        yield "make run to a usable page, median", statistics.median(times)
        yield "make run to a usable page, best", min(times)
        browser.close()


@contextmanager
def _running(data: Path, browser: Browser) -> Iterator[tuple[Page, str, float]]:
    """`make run` until its page can be used, ended as Ctrl-C does."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_LEFT_OVER)}
    environment |= {"CONTRAPPOSTO_DATA": str(data / "data"), "CONTRAPPOSTO_DEMO": "false"}
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(120_000)
    log = data / "log"
    begun = time.monotonic()
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        while not (said := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())):
            time.sleep(0.01)
        _open(page, said[0])
        yield page, said[0], time.monotonic() - begun
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
        page.close()


def _open(page: Page, url: str) -> None:
    """Load the page as soon as the server takes a connection."""
    while True:
        try:
            page.goto(url)
        except Error as error:
            if "ERR_CONNECTION_REFUSED" not in str(error):
                raise
            time.sleep(0.02)
        else:
            break
    page.get_by_role("button", name="Generate on Cloud").wait_for()


def _prepare(user: StudioPage, data: Path) -> None:
    """Upload a tiny checkpoint, start an endpoint, fill the form, draw once to load the model."""
    script = ROOT / "tests" / "support" / "tiny_models.py"
    subprocess.run([sys.executable, str(script), str(data / "tiny")], check=True)
    user.upload_models([data / "tiny" / CHECKPOINT])
    user.go("Endpoints")
    user.button("Create endpoint")
    user.sees("InService", 120)
    user.go("Generate")
    user.small(128, 8)
    user.generate("the first one")
    user.finished()


def _jobs(page: Page, data: Path, count: int) -> Iterator[tuple[str, float]]:
    bucket = _bucket(data / "data")
    seen, shown = [], []
    for number in range(count):
        to_job, to_picture, job = _one(page, f"dog {number}")
        result = GenerationResult.model_validate(json.loads(bucket.read(result_key(job)).data))
        seen.append(to_job)
        shown.append(to_picture - sum(result.seconds.get(stage, 0) for stage in DRAWING))
    yield "click to the job on the page, median", statistics.median(seen)
    yield "overhead up to the picture on the page, median", statistics.median(shown)
    yield "overhead up to the picture on the page, worst", max(shown)


def _one(page: Page, prompt: str) -> tuple[float, float, str]:
    """Seconds from the click to the job, and to its picture; the job's id."""
    StudioPage(page, "").box("Prompt", prompt)
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    head: Locator = page.get_by_text("→").first
    before = head.inner_text()
    begun = time.monotonic()
    page.get_by_role("button", name="Generate on Cloud").click()
    while (now := head.inner_text()) == before:
        time.sleep(0.01)
    to_job = time.monotonic() - begun
    picture = page.locator(f"a.frame img[alt='{prompt}']").first
    picture.wait_for()
    picture.evaluate("image => image.decode()")
    return to_job, time.monotonic() - begun, now.split("→ ")[1][:26]


def _bucket(data: Path) -> Storage:
    running = DataFolder(data).active_connection()
    if running is None:
        raise SystemExit("the embedded AWS is gone")
    connection = Connection(
        url=running.url,
        access_key=running.access_key,
        region=running.region,
        secret_key=SecretStr(running.secret_key),
    )
    return Storage(Aws(connection), "contrapposto")
