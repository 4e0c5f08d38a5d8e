"""Every answer carries the security headers, and the pages live with their policy."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.app_process import App
from tests.browser.conftest import NewPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = ("/", "/controlnet", "/jobs", "/models", "/endpoints")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/jobs",
        "/_stcore/health",
        "/_stcore/host-config",
        "/favicon.png",
        "/api/files/x/jobs/x.png",
        "/api/components/x/viewer/index.js",
        "/media/none.png",
        "/oauth2callback",
    ],
)
def test_every_answer_has_them(url: str, path: str) -> None:
    headers = httpx.get(url + path, trust_env=False).headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    (scripts,) = (part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "*" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_a_page_lives_with_the_policy(url: str, new_page: NewPage, path: str) -> None:
    page = new_page()
    console: list[str] = []
    page.on("console", lambda line: console.append(line.text))
    page.goto(url + path)
    expect(page.locator("[data-testid=stBidiComponentIsolated]").first).to_be_attached()
    assert [text for text in console if "Content Security Policy" in text] == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost", 200),
        ("evil.example.com", 403),
        ("<b>evil", 403),
        ("127.0.0.1.example.com", 403),
    ],
)
def test_another_host_gets_a_page_that_says_so(dashboard: App, host: str, status: int) -> None:
    answer = httpx.get(dashboard.url, headers={"Host": host}, trust_env=False)
    assert answer.status_code == status
    refused = "not served under the host name" in answer.text
    logged = f"event=host_refused host={host!r}" in log_of(dashboard.data)
    assert refused is logged is (status == 403)
    assert "<b>" not in answer.text
    health = httpx.get(f"{dashboard.url}/_stcore/health", headers={"Host": host}, trust_env=False)
    assert health.status_code == 200


def log_of(data: Path) -> str:
    return (data / "dashboard.log").read_text("utf-8")
