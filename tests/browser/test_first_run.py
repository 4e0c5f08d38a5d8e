"""A newcomer types nothing: the demo models are there, and one press draws a dog."""

from pathlib import Path

import pytest

from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_press_draws_a_dog(tmp_path: Path, new_page: NewPage) -> None:
    with running(tmp_path / "data", demo=True) as app:
        user = StudioPage(new_page(), app.url)
        user.open("/endpoints")
        user.is_in_service()
        user.go("Generate")
        user.prompt_is("a cute dog")
        user.page.get_by_role("button", name="Generate on Cloud").click()
        user.finished(120)
        user.go("Jobs")
        user.sees("toon-v1.safetensors")
        user.sees("256 x 256")
