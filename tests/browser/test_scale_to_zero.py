"""An endpoint at zero is woken by a job, makes its picture, and goes to zero by itself again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKPOINT = "tiny-noise-v1.safetensors"


def test_a_job_wakes_an_endpoint_at_zero(tmp_path: Path, models: Path, new_page: NewPage) -> None:
    with running(tmp_path / "data") as app:
        user = StudioPage(new_page(), app.url)
        user.open()
        user.upload_models([models / CHECKPOINT])
        user.go("Endpoints")
        user.number("Idle minutes", 1)
        user.button("Create endpoint")
        user.is_in_service()
        user.sees("0 to 1 instances · 4 jobs each · idle 1 min")
        user.sees("Idle; will stop at about")
        user.button("Stop now")
        user.sees("At zero")
        user.go("Generate")
        user.sees("The next job wakes it")
        user.small()
        user.generate("a dog in the morning")
        user.sees("Queued · waking the endpoint, usually half a minute")
        user.finished()
        user.go("Endpoints")
        user.sees("At zero", 240)
        expect(user.page.get_by_text("not as ordered")).to_have_count(0)
        expect(user.page.get_by_role("button", name="Wake now")).to_be_visible()
