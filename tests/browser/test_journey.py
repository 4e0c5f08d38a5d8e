"""The whole way as a newcomer takes it: the real app, the real local AWS, the real container."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from formats.generation.infotext import PNG_KEY, read
from formats.openpose.pose_map import draw
from poses.preset_poses import default_pose
from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKPOINT = "tiny-noise-v1.safetensors"
CONTROLNET = "tiny-control-openpose.safetensors"


def test_the_journey(tmp_path: Path, models: Path, new_page: NewPage) -> None:
    with running(tmp_path / "data") as app:
        user = StudioPage(new_page(), app.url)
        prepare(user, models)
        first = draw_a_dog(user)
        save(user, first)
        second = send_to_img2img(user, first)
        third = pose(user)
        look_closely(user, third, second)
        app.kill()
    with running(tmp_path / "data") as app:
        find_it_all_again(app, new_page, (first, second, third))


def prepare(user: StudioPage, models: Path) -> None:
    """Upload a checkpoint and a ControlNet, create an endpoint, be refused while it starts."""
    user.open()
    user.upload_models([models / CHECKPOINT, models / CONTROLNET])
    user.go("Endpoints")
    user.button("Create endpoint")
    user.sees("Creating")
    user.go("Generate")
    user.sees("Starting for")
    user.small()
    user.generate("too early")
    user.sees("is still being created")
    user.go("Jobs")
    user.sees("No jobs yet")
    user.go("Endpoints")
    user.is_in_service()


def draw_a_dog(user: StudioPage) -> str:
    """The job is there at once, then its picture, its prompt and its parameters."""
    user.go("Generate")
    user.generate("a cute dog")
    expect(user.page.get_by_role("status").first).to_be_visible()
    job = user.finished()
    user.go("Jobs")
    row = user.page.locator(f".row:has-text('{job}')")
    expect(row).to_contain_text("a cute dog")
    expect(row).to_contain_text("succeeded")
    for value in ("a cute dog", "DPM++ 2M", "64 x 64", CHECKPOINT):
        user.sees(value)
    return job


def save(user: StudioPage, job: str) -> None:
    """The original comes, with its parameters inside."""
    with user.page.expect_download() as waiting:
        user.page.get_by_role("button", name="Save").click()
    assert waiting.value.suggested_filename == f"{job}-1.png"
    with Image.open(waiting.value.path()) as picture:
        assert picture.size == (64, 64)
        assert read(picture.info[PNG_KEY]).prompt == "a cute dog"


def send_to_img2img(user: StudioPage, before: str) -> str:
    """The form is filled, and it runs."""
    user.page.get_by_role("button", name="Send to img2img").click()
    expect(user.page.get_by_role("img", name="The picture to start from")).to_be_visible()
    user.prompt_is("a cute dog")
    user.page.get_by_role("button", name="Generate on Cloud").click()
    expect(user.page.get_by_text(f"→ {before}")).to_have_count(0)
    job = user.finished()
    user.go("Jobs")
    user.sees("img2img")
    return job


def pose(user: StudioPage) -> str:
    """A picture that follows an OpenPose map."""
    user.go("ControlNet")
    buffer = io.BytesIO()
    draw(default_pose()).save(buffer, "PNG")
    given = {"name": "map.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    user.page.locator("input[type=file]").first.set_input_files(given)  # type: ignore[arg-type]
    user.sees("its joints were read back")
    user.small()
    shown = user.page.get_by_text("→").first.inner_text()
    user.generate("a posed dog")
    expect(user.page.get_by_text(shown)).to_have_count(0)
    job = user.finished()
    user.go("Jobs")
    user.sees("OpenPose map")
    user.sees(CONTROLNET)
    return job


def look_closely(user: StudioPage, job: str, before: str) -> None:
    """Zoomed by keys, on to the next job and back, beside its pose map and beside another job."""
    page = user.page
    frame = page.locator(".viewer .frame")
    frame.focus()
    page.keyboard.press("+")
    expect(page.locator(".viewer output")).to_have_text("125 %")
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"job={before}"))
    expect(page.locator(".viewer a")).to_have_attribute("href", re.compile(before))
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(f"job={job}"))
    expect(page.locator(".viewer a")).to_have_attribute("href", re.compile(job))
    user.button("Compare")
    expect(page).to_have_url(re.compile("with=map"))
    user.button("Difference")
    expect(page.locator(".compare .stage")).to_have_attribute("data-mode", "difference")
    for image in page.locator(".compare img").all():
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)")
    box = page.get_by_role("combobox", name="Compare with")
    box.fill(before)
    page.get_by_role("option").filter(has_text=before).first.click()
    row = page.locator("table.differences tr", has=page.get_by_text("Prompt", exact=True))
    expect(row).to_contain_text("a posed dog")
    user.button("End the comparison")
    expect(frame).to_be_visible()


def find_it_all_again(app: App, new_page: NewPage, jobs: tuple[str, ...]) -> None:
    """After kill -9 of everything: jobs, pictures, models, endpoint, and what was typed."""
    user = StudioPage(new_page(), app.url)
    user.open("/jobs")
    for job in jobs:
        expect(user.page.locator(f".row:has-text('{job}')")).to_contain_text("succeeded")
    user.page.locator(f".row:has-text('{jobs[0]}')").click()
    expect(user.page.locator(".st-key-job-detail").get_by_text(jobs[0])).to_be_visible()
    assert user.finished() == jobs[0]
    user.sees("a cute dog")
    user.go("ControlNet")
    user.prompt_is("a posed dog")
    expect(user.page.get_by_role("img", name="The OpenPose map")).to_be_visible()
    user.go("Endpoints")
    user.sees("studio-1")
    user.is_in_service()
    user.go("Generate")
    user.sees(CHECKPOINT.removesuffix(".safetensors"))
    assert user.finished() == jobs[-1]
    user.sends("after the fall")
    assert user.finished() not in jobs
