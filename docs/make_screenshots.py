"""Makes the pictures of the documentation from the real dashboard: `make_screenshots.py`.

It starts the dashboard as a newcomer's, with a data folder of its own and the demo models, does
what the user guide describes, and writes `docs/pictures/*.webp` and the README's `generate.png`.
Endpoints have a price list and a simulated day of figures, Set-up has moto as its account.
Takes three to six minutes on two cores.
"""

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import boto3
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.app_process import App, running
from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.studio_page import StudioPage
from tests.support.faulty_aws import faulty_aws
from tests.support.set_up_account import IMAGE, ROLE, fill_account, serve_configuration

PICTURES: Final = Path(__file__).with_name("pictures")
PHOTO: Final = Path(__file__).parents[1] / "tests" / "poses" / "photos" / "astronaut.jpg"
PROMPTS: Final = ("a cute dog in the snow", "a cat in a forest", "a red fox on a beach at night")
POSED: Final = "a robot dancing on a hill"
WIDE: Final = {"width": 1360, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
TYPE: Final = "ml.m5.large"
PRICED: Final = {"region": "us-east-1", "as_of": "2026-10-01", "source": "our contract"}
PRICES: Final = [PRICED | {"per_hour": {TYPE: 0.14}}]
REGION: Final = "eu-west-1"


def main() -> None:
    """Go through the pages and keep a picture of each."""
    PICTURES.mkdir(exist_ok=True)
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        folder = Path(name)
        with running(folder / "artist", demo=True) as app:
            _artist(browser, app)
        with _operators_studio(folder) as app:
            _operator(StudioPage(_page(browser), app.url), app)
        with _account(folder) as app:
            _set_up(StudioPage(_page(browser), app.url))
        browser.close()


def _artist(browser: Browser, app: App) -> None:
    user = StudioPage(_page(browser), app.url)
    _first_start(user)
    _pictures(user)
    _pose(user)
    user.go("Jobs")
    user.sees("OpenPose map")
    shoot(user.page, "jobs")
    _dark_and_narrow(browser, app.url)


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
    expect(user.page.locator("article.card")).to_have_count(6)
    user.button("Clear finished uploads")
    expect(user.page.locator("li.upload")).to_have_count(0)
    shoot(user.page, "models")
    user.page.locator("button.open", has_text="toon-v1").click()
    drawer = user.page.get_by_role("dialog")
    expect(drawer.get_by_role("button", name="Use this checkpoint")).to_be_visible()
    shoot(user.page, "model")
    user.page.keyboard.press("Escape")


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


@contextmanager
def _operators_studio(folder: Path) -> Iterator[App]:
    """The embedded AWS with a price list, so that costs are counted."""
    prices = folder / "prices.json"
    prices.write_text(json.dumps(PRICES), "utf-8")
    with running(
        folder / "operator", CONTRAPPOSTO_PRICE_FILE=str(prices), CONTRAPPOSTO_INSTANCE_TYPE=TYPE
    ) as app:
        yield app


def _operator(user: StudioPage, app: App) -> None:
    page = user.page
    user.open("/endpoints")
    user.box("Name", "portraits")
    page.get_by_text("Real-time", exact=True).first.click()
    user.sees("It costs the same while idle")
    user.button("Create endpoint")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("studio-1")
    user.box("Name", "office")
    page.get_by_text("Asynchronous", exact=True).first.click()
    user.number("Maximum", 2)
    page.get_by_text("Office hours and end date").click()
    page.get_by_text("Keep instances running in office hours").click()
    user.sees("Instances kept running")
    shoot(page, "endpoint-form")
    user.button("Create endpoint")
    _simulate_a_day(app, "office")
    office, portraits = (
        page.locator(f".st-key-endpoint-{name}") for name in ("office", "portraits")
    )
    for card in (office, portraits):
        expect(card.get_by_text("InService", exact=True)).to_be_visible(timeout=180_000)
        expect(card.get_by_text("since its start")).to_be_visible(timeout=120_000)
    shoot(page, "endpoint-card", office)
    for name, button in (("endpoint-update", "Update"), ("endpoint-charts", "Charts")):
        office.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("dialog").locator("input, .stVegaLiteChart").first).to_be_visible()
        shoot(page, name, page.get_by_role("dialog"))
        page.keyboard.press("Escape")
    portraits.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Stop", exact=True).click()
    shoot(page, "endpoint-stopped", page.locator(".st-key-stopped"))


def _simulate_a_day(app: App, name: str) -> None:
    """Figures as an office makes them: none at night, most at ten and at three."""
    kept = json.loads((app.data / "endpoint.json").read_text("utf-8"))
    session = boto3.Session(kept["access_key"], kept["secret_key"], region_name=kept["region"])
    cloudwatch: Any = session.client("cloudwatch", endpoint_url=kept["url"])
    variant = {"EndpointName": name, "VariantName": "main"}
    ended = {"Endpoint": name, "Outcome": "succeeded"}
    now = datetime.now(UTC)
    for age in range(1, 288):
        at = now - timedelta(minutes=5 * age)
        jobs = max(0, 6 - abs(at.hour - 10) * 2, 5 - abs(at.hour - 15) * 2) if at.hour > 6 else 0
        hosts = 2 if jobs > 4 else min(jobs, 1)
        for metric, namespace, dimensions, values in (
            ("ApproximateBacklogSize", "AWS/SageMaker", {"EndpointName": name}, [jobs]),
            ("CPUUtilization", "/aws/sagemaker/Endpoints", variant, [80.0] * 5 * hosts),
            ("JobSeconds", "Contrapposto", ended, [(4 + age % 3) * jobs] if jobs else []),
            ("Images", "Contrapposto", ended, [jobs] if jobs else []),
        ):
            named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
            about = {"MetricName": metric, "Dimensions": named, "Timestamp": at}
            if values:
                data = [about | {"Value": value} for value in values]
                cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


@contextmanager
def _account(folder: Path) -> Iterator[App]:
    """An account with a role and an image, and nothing else."""
    with faulty_aws() as aws:
        url = str(aws.connection.url)
        fill_account(boto3.Session("testing", "testing", region_name=REGION), url)
        serve_configuration(aws, "amd64")
        variables = {
            "CONTRAPPOSTO_BACKEND": "aws",
            "CONTRAPPOSTO_BUCKET": "my-team-bucket",
            "CONTRAPPOSTO_ENDPOINT_ROLE": ROLE,
            "CONTRAPPOSTO_IMAGE": IMAGE,
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
        }
        with running(folder / "account", demo=False, **variables) as app:
            yield app


def _set_up(user: StudioPage) -> None:
    user.open("/setup")
    user.page.get_by_role("button", name="Create it").first.click()
    user.sees("objects can be written")
    shoot(user.page, "set-up")


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
