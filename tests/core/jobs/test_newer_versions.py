"""What a newer version wrote of a job is told in words and breaks nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.aws.client import Connection
from core.errors import NotFound
from core.ids import created_at, new_id, utc_now
from core.jobs.records import Job, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from core.texts.jobs import jobs as texts
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult, Outcome, Picture
from formats.keys import request_key, result_key
from tests.support.faulty_aws import faulty_aws
from tests.support.helpers import wait_for


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with faulty_aws() as account:
        yield account.connection


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder: Path = tmp_path_factory.mktemp("newer")
    settings = Settings(data=folder, bucket="my-team-bucket", poll_seconds=0.1)
    with open_studio(settings, connection) as opened:
        yield opened


def request_of(job_id: str) -> bytes:
    request = GenerationRequest(id=job_id, checkpoint="a.safetensors", prompt="a dog", seed=1)
    return request.model_dump_json().encode()


def result_of(job_id: str) -> bytes:
    picture = Picture(index=0, seed=1, width=64, height=64, sha256="0" * 64, infotext="")
    now = utc_now()
    result = GenerationResult(
        id=job_id, outcome=Outcome.SUCCEEDED, pictures=(picture,), started_at=now, ended_at=now
    )
    return result.model_dump_json().encode()


def newer(stored: bytes) -> bytes:
    return stored.replace(b'"version":1', b'"version":2')


def recorded(studio: Studio, state: JobState) -> str:
    job_id = new_id()
    studio._workers.store.add(
        Job(
            id=job_id,
            owner=LOCAL.name,
            endpoint="team",
            state=state,
            created_at=created_at(job_id),
            updated_at=utc_now(),
            mode=Mode.TXT2IMG,
            checkpoint="a",
            prompt="",
        )
    )
    return job_id


@pytest.mark.parametrize(
    ("request_body", "result_body", "says"),
    [
        (request_of, result_of, ()),
        (lambda _: None, lambda _: None, ()),
        (lambda i: newer(request_of(i)), result_of, (texts.UNREADABLE_REQUEST,)),
        (request_of, lambda i: newer(result_of(i)), (texts.UNREADABLE_RESULT,)),
        (lambda _: b"{", lambda _: b"\xff", (texts.UNREADABLE_REQUEST, texts.UNREADABLE_RESULT)),
    ],
)
def test_the_page_says_what_it_cannot_read(
    studio: Studio,
    request_body: Callable[[str], bytes | None],
    result_body: Callable[[str], bytes | None],
    says: tuple[str, ...],
) -> None:
    job_id = recorded(studio, JobState.SUCCEEDED)
    for key, body in (
        (request_key(job_id), request_body(job_id)),
        (result_key(job_id), result_body(job_id)),
    ):
        if body is not None:
            studio.storage.write(key, body, "application/json")
    assert studio.jobs.detail(LOCAL, job_id).unreadable == says
    for use in (studio.jobs.draft_of, lambda u, i: studio.jobs.retry(u, i, new_id())):
        if texts.UNREADABLE_REQUEST in says:
            with pytest.raises(NotFound, match="newer version"):
                use(LOCAL, job_id)


def test_a_job_of_a_newer_container_has_succeeded_once_the_dashboard_is_updated(
    studio: Studio,
) -> None:
    job_id = recorded(studio, JobState.RUNNING)
    studio.storage.write(result_key(job_id), newer(result_of(job_id)), "application/json")
    failed = wait_for(
        lambda: j if not (j := studio.jobs.get(LOCAL, job_id)).state.is_open else None
    )
    assert failed.failure
    assert failed.failure.message == texts.UNREADABLE_RESULT
    studio.storage.write(result_key(job_id), result_of(job_id), "application/json")
    detail = studio.jobs.detail(LOCAL, job_id)
    assert (detail.job.state, detail.job.image_count) == (JobState.SUCCEEDED, 1)
    assert detail.result
    assert texts.UNREADABLE_RESULT in detail.result.notes[-1]
