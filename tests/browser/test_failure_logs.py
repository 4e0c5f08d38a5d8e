"""What a browser test that fails shows of the dashboard's side."""

import pytest

from tests.browser.app_process import App, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_last_lines_of_each_log(dashboard: App) -> None:
    container = dashboard.data / "endpoints" / "team" / "logs" / "main-1.log"
    container.parent.mkdir(parents=True)
    container.write_text("".join(f"line {number}\n" for number in range(100)))
    tails = dict(dashboard.log_tails())
    assert "event=started" in tails[f"dashboard.log of {dashboard.url}"]
    assert "event=serving" in tails[f"local_aws.log of {dashboard.url}"]
    shown = tails[f"endpoints/team/logs/main-1.log of {dashboard.url}"].splitlines()
    assert (len(shown), shown[-1]) == (60, "line 99")
    assert dashboard in opened
