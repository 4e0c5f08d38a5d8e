"""The app's own routes give nothing without a token that the page minted."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from core.aws.client import Aws, Connection
from core.aws.urls import TokenSigner, object_subject
from core.ids import new_id, utc_now
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import LOCAL, User
from formats.generation.progress import Heartbeat, Progress, Stage
from formats.keys import heartbeat_key, job_prefix, preview_key
from tests.pages.steps import finish, png
from tests.support.helpers import wait_for
from tests.support.served import served
from ui import routes
from ui.components import prompt_tables


@pytest.fixture(scope="module")
def job(studio: Studio) -> Job:
    draft = Draft(
        endpoint="routes",
        checkpoints=("tiny-noise-v1.safetensors",),
        prompt="x",
        width=64,
        height=64,
    )
    return finish(studio, studio.jobs.submit(LOCAL, draft, new_id())[0])


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx.Client]:
    """The routes behind a real server."""
    with served(Starlette(routes=[*routes.routes, *prompt_tables.routes])) as opened:
        yield opened


def test_a_picture_comes_with_its_type_and_may_be_kept(
    client: httpx.Client, studio: Studio, job: Job
) -> None:
    answer = client.get(studio.urls(LOCAL).output(job.id, 0, job.bucket))
    assert answer.content == png()
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]


def test_the_image_on_a_models_card_is_for_who_was_shown_it(
    client: httpx.Client, studio: Studio, job: Job
) -> None:
    file = studio.models.list(LOCAL)[0]
    studio.models.use_result(LOCAL, file.key, job.id, 0)
    sha256 = studio.models.list(LOCAL)[0].record.thumbnail
    address = studio.urls(LOCAL).model_thumbnail(sha256)
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.content[8:12] == b"WEBP"
    theirs = studio.urls(User(name="bob")).model_thumbnail(sha256)
    for other in (theirs, address.replace(sha256, "0" * 64)):
        assert client.get(other).status_code == 403


def test_the_status_is_live(client: httpx.Client, studio: Studio, job: Job) -> None:
    answer = client.get(routes.status_url(studio, LOCAL, job.id))
    assert answer.json() | {"state": "succeeded", "open": False} == answer.json()
    assert answer.headers["cache-control"] == "no-store"


def test_a_token_is_for_one_thing_only(client: httpx.Client, studio: Studio, job: Job) -> None:
    picture = studio.urls(LOCAL).output(job.id, 0, job.bucket)
    other = picture.replace("outputs/0.png", "request.json")
    status = routes.status_url(studio, LOCAL, job.id)
    for address in (
        other,
        picture.replace("/api/files/", "/api/files/9"),
        picture.replace("bucket=", "bucket=other"),
        picture.partition("?")[0],
        routes.status_url(studio, User(name="bob"), job.id),
        studio.urls(User(name="bob")).output(job.id, 0, job.bucket),
        status.replace(job.id, new_id()),
        f"/api/files/x/jobs/{job.id}/request.json",
    ):
        assert client.get(address).status_code == 403, address


def test_an_expired_token_is_refused(client: httpx.Client, studio: Studio, job: Job) -> None:
    key = f"jobs/{job.id}/outputs/0.png"
    expired = studio.tokens.token(object_subject("local", key, ""), 1)
    assert client.get(f"/api/files/{expired}/{key}").status_code == 403


@pytest.mark.parametrize(
    ("key", "content_type", "status"),
    [
        (f"inputs/{'0' * 64}.png", "image/png", 200),
        ("jobs/{job}/outputs/7.png", "text/html", 200),
        ("jobs/{job}/preview.webp", "image/webp", 200),
        ("jobs/x/outputs/0.png", "image/png", 404),
        ("jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/outputs/0.png", "image/png", 404),
        ("jobs/x/request.json", "application/json", 403),
        ("jobs/x/outputs/0.svg", "image/svg+xml", 403),
        ("jobs/x/outputs/0", "image/png", 403),
        ("models/checkpoint/x.safetensors", "image/png", 403),
        ("models/checkpoint/x.png", "image/png", 403),
        ("poses/x.png", "image/png", 403),
        ("indexes/poses.json", "image/png", 403),
        ("jobs", "image/png", 403),
    ],
)
def test_images_of_jobs_and_inputs_are_served_and_nothing_else(
    client: httpx.Client, studio: Studio, job: Job, key: str, content_type: str, status: int
) -> None:
    key = key.replace("{job}", job.id)
    studio.storage.write(key, png(), content_type)
    answer = client.get(studio.tokens.url("local", key, ""))
    studio.storage.delete((key,))
    assert answer.status_code == status
    assert answer.headers.get("content-type", "").startswith("image/") is (status == 200)


def test_a_forged_token_opens_nothing(client: httpx.Client, studio: Studio, job: Job) -> None:
    key = f"jobs/{job.id}/outputs/0.png"
    for secret in (b"", b"a", b"0" * 32):
        forger = TokenSigner([secret], utc_now)
        assert client.get(forger.url("local", key, "")).status_code == 403
        assert (
            client.get(
                f"/api/files/{forger.token(object_subject('local', key, ''), 10**11)}/{key}"
            ).status_code
            == 403
        )
    far = studio.tokens.token(object_subject("local", key, ""), int(utc_now().timestamp()) + 8000)
    assert client.get(f"/api/files/{far}/{key}").status_code == 403


def test_a_running_jobs_preview_comes_from_its_bucket(
    client: httpx.Client, studio: Studio, connection: Connection, job: Job
) -> None:
    job_id, there = new_id(), "another-bucket"
    Aws(connection).s3.create_bucket(Bucket=there)
    for bucket, data in ((there, png(8)), ("", png(16))):
        studio.storage.of_bucket(bucket).write(preview_key(job_id), data, "image/webp")
    running = job.model_copy(update={"id": job_id, "bucket": there, "has_preview": True})
    studio._workers.store.add(running)
    answer = client.get(routes.status_of(LOCAL, running)["preview"])
    assert answer.content == png(8)
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_gone_is_404(client: httpx.Client, studio: Studio, job: Job) -> None:
    assert client.get(studio.urls(LOCAL).output(job.id, 9, job.bucket)).status_code == 404
    assert client.get(routes.status_url(studio, LOCAL, new_id())).status_code == 404


def test_a_running_jobs_preview_comes_from_its_instances_heartbeat(
    client: httpx.Client, studio: Studio, job: Job
) -> None:
    running = job.with_changes({"id": new_id(), "state": JobState.RUNNING, "image_count": 0})
    studio._workers.store.add(running)
    at = Progress(id=running.id, stage=Stage.DRAWING, step=3, steps=20, at=utc_now())
    heartbeat = Heartbeat(jobs=(at.model_copy(update={"preview": png(8)}),))
    key = heartbeat_key("i-routes")
    studio.storage.write(key, heartbeat.model_dump_json().encode(), "application/json")
    wait_for(lambda: studio.jobs.get(LOCAL, running.id).step == 3)
    status = client.get(routes.status_url(studio, LOCAL, running.id)).json()
    assert client.get(status["preview"]).content == png(8)
    assert studio.storage.list(job_prefix(running.id)) == ()
    studio.storage.delete((key,))
    studio.jobs.cancel(LOCAL, running.id)


def test_the_tables_of_the_prompt_box_are_kept_under_what_names_them(
    client: httpx.Client, studio: Studio
) -> None:
    merges = client.get(prompt_tables.merges_url())
    assert merges.text.count("\n") == 48_894  # merges of CLIP, one a line
    assert prompt_tables.tags_url() == ""
    studio.tag_lists.replace(LOCAL, "tags.csv", b"cat,0,5,")
    kept = prompt_tables.tags_url()
    assert client.get(kept).text == "cat\t5\t\t\n"
    assert "immutable" in client.get(kept).headers["cache-control"]
    studio.tag_lists.replace(LOCAL, "tags.csv", b"dog,0,5,")
    for old in (kept, "/api/prompts/tags/..", "/api/prompts/merges/0123456789abcdef"):
        answer = client.get(old)
        assert (answer.status_code, answer.headers.get("cache-control")) in (
            (404, "no-store"),
            (404, None),
        )
    studio.tag_lists.delete(LOCAL)
