"""Two dashboards on one list and one bucket, upon the local AWS with the real container."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.aws.client import Connection
from core.ids import new_id, utc_now
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobState
from core.jobs.sending import sender
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL, Role, User
from tests.core.jobs.sending.test_throttled_sends import Answers
from tests.support.faulty_aws import Answer, Fault, faulty, lose_answer
from tests.support.helpers import ROOT, wait_for
from tests.support.models import verify_models

pytestmark = pytest.mark.slow

CHECKPOINT = "tiny-noise-v1.safetensors"
BUCKET, ENDPOINT = "test-replicas", "replicas"
JOBS = 20


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("replicas"), bucket=BUCKET, poll_seconds=0.2)


@pytest.fixture(scope="module")
def studio(connection: Connection, models: Path, settings: Settings) -> Iterator[Studio]:
    """A dashboard, with a checkpoint and an endpoint of one CPU instance InService."""
    with open_studio(settings, connection) as opened:
        opened.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
        opened.endpoints.create(LOCAL, ENDPOINT, "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        wait_for(lambda: is_ready(opened), every=0.5)
        yield opened


def is_ready(studio: Studio) -> bool:
    found = studio.endpoints.look_up_now(ENDPOINT)
    return found is not None and found.accepts_jobs


def submit(studio: Studio, user: User = LOCAL, steps: int = 2, side: int = 64) -> Job:
    draft = Draft(
        endpoint=ENDPOINT,
        checkpoints=(CHECKPOINT,),
        prompt="a dog",
        width=side,
        height=side,
        steps=steps,
    )
    return studio.jobs.submit(user, draft, new_id())[0]


def state(studio: Studio, job_id: str) -> JobState:
    return studio.jobs.get(LOCAL, job_id).state


def starts(studio: Studio, job_id: str) -> int:
    """How often the container began with a job, by its log."""
    begin = studio.jobs.get(LOCAL, job_id).created_at

    def lines() -> list[str]:
        found = studio.container_log.lines_of_job(ENDPOINT, job_id, begin, utc_now())
        return [str(line) for line in found]

    wait_for(lambda: any("event=ended" in line for line in lines()), every=0.3)
    return sum("event=started" in line for line in lines())


@pytest.fixture
def killed(connection: Connection, settings: Settings, studio: Studio) -> list[str]:
    """The jobs of another dashboard that was killed with some of them ended and some waiting."""
    assert connection.secret_key
    where = {
        "url": connection.url,
        "access_key": connection.access_key,
        "secret_key": connection.secret_key.get_secret_value(),
        "region": connection.region,
    }
    module = "tests.core.jobs.sending.dashboard_process"
    arguments = (json.dumps(where), str(settings.data), BUCKET, ENDPOINT, str(JOBS))
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        ids = [process.stdout.readline().strip() for _ in range(JOBS)]
        wait_for(lambda: sum(state(studio, i) is JobState.SUCCEEDED for i in ids) >= 3)
        process.kill()
    return ids


def test_a_killed_dashboard_loses_no_job(studio: Studio, killed: list[str]) -> None:
    assert any(state(studio, job_id).is_open for job_id in killed)
    wait_for(lambda: not any(state(studio, job_id).is_open for job_id in killed), every=0.5)
    assert {state(studio, job_id) for job_id in killed} == {JobState.SUCCEEDED}
    assert {starts(studio, job_id) for job_id in killed} == {1}


@pytest.mark.parametrize("fault", [lambda _call: Answer(0, None), lose_answer])
def test_a_lost_answer_loses_no_job(
    connection: Connection,
    settings: Settings,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    """Be it that the call never arrived, as on a connection that was idle and just ended."""
    monkeypatch.setattr(sender, "_BEGINS_WITHIN", timedelta(seconds=2))
    own = settings.model_copy(update={"data": settings.data / new_id()})
    with faulty(connection) as aws, open_studio(own, aws.connection) as behind:
        verify_models(behind)
        aws.faults["/async-invocations"] = Answers([fault, None])
        job = submit(behind)
        wait_for(lambda: state(behind, job.id) is JobState.SUCCEEDED)
        assert starts(behind, job.id) == 1


def test_ten_jobs_do_not_stand_before_anothers_one(studio: Studio) -> None:
    ann, ben = (User(name=name, role=Role.ARTIST) for name in ("ann", "ben"))
    anns = [submit(studio, ann, steps=150, side=256) for _ in range(2)]
    anns += [submit(studio, ann) for _ in range(8)]  # while the first runs
    bens = submit(studio, ben)
    ids = [*(job.id for job in anns), bens.id]
    wait_for(lambda: not any(state(studio, job_id).is_open for job_id in ids))
    ends = {}
    for job_id in ids:
        result = studio.jobs.detail(LOCAL, job_id).result
        assert result
        ends[job_id] = result.ended_at
    order = sorted(ids, key=lambda job_id: ends[job_id])
    assert order.index(bens.id) == 2, "one runs and one is handed over when it comes"


def test_a_restarted_dashboard_sends_what_waits(
    connection: Connection, settings: Settings, studio: Studio
) -> None:
    """Of a list of its own: nobody else looks after it."""
    own = settings.model_copy(update={"data": settings.data / "restarted"})
    with open_studio(own, connection) as first:
        verify_models(first)
        first.line.hold(LOCAL)
        job = submit(first)
        wait_for(lambda: first.line.waiting(LOCAL))
    with open_studio(own, connection) as second:
        assert state(second, job.id) is JobState.QUEUED
        second.line.resume(LOCAL)
        wait_for(lambda: state(second, job.id) is JobState.SUCCEEDED)
