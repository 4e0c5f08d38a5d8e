"""Anybody who has a public link sees the job's images, and nothing that leads further."""

import re
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job
from core.studio.service import Studio
from core.team.policy import TeamPolicy
from core.team.rate_limit import RateLimit
from core.team.users import LOCAL
from tests.pages.steps import finish
from tests.support.served import served
from ui.routes import public_links
from ui.routes.headers import SecurityHeaders


@pytest.fixture(scope="module")
def job(studio: Studio) -> Job:
    draft = Draft(
        endpoint="public-links",
        checkpoints=("tiny-noise-v1.safetensors",),
        prompt="a <b>dog</b>",
        width=64,
        height=64,
    )
    allow(studio, allowed=True)
    return finish(studio, studio.jobs.submit(LOCAL, draft, new_id())[0])


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx.Client]:
    """The routes behind a real server, as the app has them."""
    with served(SecurityHeaders(Starlette(routes=list(public_links.routes)))) as opened:
        yield opened


def allow(studio: Studio, *, allowed: bool) -> None:
    policy = studio.policy
    policy.change(LOCAL, policy.of(), TeamPolicy(public_links=allowed))


def address(studio: Studio, job: Job, *, with_parameters: bool = False) -> str:
    made = studio.public_links.create(LOCAL, job.id, 1, with_parameters=with_parameters)
    return f"/public/{made.token.get_secret_value()}"


@pytest.mark.parametrize("with_parameters", [False, True])
def test_its_page(client: httpx.Client, studio: Studio, job: Job, with_parameters: bool) -> None:
    link = address(studio, job, with_parameters=with_parameters)
    page = client.get(link)
    assert page.status_code == 200
    (image,) = re.findall(r'<img src="([^"]+)"', page.text)
    shown = client.get(image)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert job.id in page.text
    assert ("a &lt;b&gt;dog&lt;/b&gt;" in page.text) is with_parameters
    for hidden in (job.owner, job.endpoint, studio.settings.bucket, "<b>dog"):
        assert hidden not in page.text


def test_strict_headers_on_every_answer(client: httpx.Client, studio: Studio, job: Job) -> None:
    link = address(studio, job)
    for path in (link, f"{link}/0.png", f"{link}/9.png", "/public/x"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src 'self'")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


def test_every_link_that_shows_nothing_has_one_answer(
    client: httpx.Client, studio: Studio, job: Job
) -> None:
    link, revoked = address(studio, job), address(studio, job)
    newest = studio.public_links.of_job(LOCAL, job.id)[0]
    studio.public_links.revoke(LOCAL, job.id, newest.id)
    told = [client.get(path) for path in (revoked, "/public/x", f"{link}/7.png", f"{link}x")]
    allow(studio, allowed=False)
    told += [client.get(link), client.get(f"{link}/0.png")]
    allow(studio, allowed=True)
    assert {(each.status_code, each.text) for each in told} == {(404, told[0].text)}
    assert client.get(link).status_code == 200


def test_one_address_can_not_ask_without_end(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_links, "OPENINGS", RateLimit(per_second=0.01, burst=2))
    told = [client.get("/public/x") for _ in range(3)]
    assert [each.status_code for each in told] == [404, 404, 429]
    assert int(told[2].headers["retry-after"]) > 0
