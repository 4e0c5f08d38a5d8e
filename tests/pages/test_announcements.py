"""What an admin tells everybody stands above every page."""

import pytest

from core.studio.service import Studio
from core.team.users import LOCAL
from tests.support.page_fixtures import Open


@pytest.mark.parametrize("maintenance", [False, True])
def test_a_message_stands_above_every_page(page: Open, studio: Studio, maintenance: bool) -> None:
    studio.announcements.publish(LOCAL, "Back *soon*", maintenance=maintenance)
    try:
        for name in ("generate", "jobs", "models"):
            app = page(name)
            shown = app.warning if maintenance else app.info
            assert any(r"Back \*soon\*" in box.value for box in shown)
    finally:
        studio.announcements.publish(LOCAL, "", maintenance=False)
    assert not any("Back" in box.value for box in page("generate").info)
