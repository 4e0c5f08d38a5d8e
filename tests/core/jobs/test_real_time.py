"""A real-time endpoint upon the local AWS, with the real container, to its stop and new start."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.aws.client import Connection
from core.endpoints.model_caches.caches import CacheTier
from core.errors import InvalidInput, NotFound
from core.ids import new_id, utc_now
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobFilter, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from tests.support.helpers import wait_for
from tests.support.models import verify_models

pytestmark = pytest.mark.slow

CHECKPOINT = "tiny-noise-v1.safetensors"


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A studio with a checkpoint and a real-time endpoint InService."""
    data = tmp_path_factory.mktemp("real-time")
    settings = Settings(data=data, bucket="test-real-time", poll_seconds=0.2)
    with open_studio(settings, connection) as opened:
        opened.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
        opened.endpoints.create(LOCAL, "quick", "ml.m5.large", 1, is_asynchronous=False)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        verify_models(opened)
        wait_for(lambda: accepts_jobs(opened), every=0.5)
        yield opened


def accepts_jobs(studio: Studio) -> bool:
    return any(e.accepts_jobs for e in studio.endpoints.list(LOCAL, refresh=True))


def draft(**changes: object) -> Draft:
    values = {"endpoint": "quick", "checkpoints": (CHECKPOINT,), "prompt": "a dog"}
    return Draft.model_validate({**values, "width": 64, "height": 64, "steps": 2, **changes})


def run(studio: Studio, **changes: object) -> Job:
    (job,) = studio.jobs.submit(LOCAL, draft(**changes), new_id())

    def ended() -> Job | None:
        found = studio.jobs.get(LOCAL, job.id)
        return None if found.state.is_open else found

    return wait_for(ended)


def test_a_job_has_the_same_record_as_an_asynchronous_one(studio: Studio) -> None:
    (endpoint,) = studio.endpoints.list(LOCAL, refresh=True)
    assert (endpoint.is_asynchronous, endpoint.scaling) == (False, None)
    job = run(studio, seed=5)
    assert (job.state, job.image_count, job.failure) == (JobState.SUCCEEDED, 1, None)
    detail = studio.jobs.detail(LOCAL, job.id)
    assert detail.result
    assert detail.result.pictures[0].seed == 5

    def log() -> str:
        lines = studio.container_log.lines_of_job("quick", job.id, job.created_at, utc_now())
        return "\n".join(lines)

    wait_for(lambda: "event=ended" in log(), every=0.5)
    assert all(job.id in line for line in log().splitlines())
    file = studio.models.find(LOCAL, ModelKind.CHECKPOINT, CHECKPOINT)
    assert file
    wait_for(lambda: studio.caches.tier(endpoint, file.sha256) is CacheTier.MEMORY, every=0.5)


def test_a_click_that_takes_too_long_is_refused_before_anything_is_written(studio: Studio) -> None:
    run(studio)  # from here on its speed is known
    wait_for(lambda: is_refused(studio))
    before = {job.id for job in studio.jobs.page(LOCAL, JobFilter()).jobs}
    assert is_refused(studio)
    assert {job.id for job in studio.jobs.page(LOCAL, JobFilter()).jobs} == before


def is_refused(studio: Studio) -> bool:
    long = draft(steps=150, width=2048, height=2048, batch_count=16)
    try:
        jobs = studio.jobs.submit(LOCAL, long, new_id())
    except InvalidInput as error:
        return error.field == "endpoint" and "answers within 60 s" in str(error)
    for job in jobs:
        studio.jobs.cancel(LOCAL, job.id)
    return False


def test_the_charts_of_a_day(studio: Studio) -> None:
    job = run(studio)
    assert job.state is JobState.SUCCEEDED

    def told() -> bool:
        history = studio.metric_histories.read(LOCAL, "quick")
        images, instances = history.seconds_per_image, history.instances
        return bool(images and instances and not history.queue)  # a real-time one has no queue

    wait_for(told, every=1)
    history = studio.metric_histories.read(LOCAL, "quick")
    assert all(seconds > 0 for _, seconds in history.seconds_per_image)
    with pytest.raises(NotFound):
        studio.metric_histories.read(LOCAL, "never")


def test_stop_keeps_the_order_for_start_again(studio: Studio) -> None:
    studio.orders.stop(LOCAL, "quick")
    wait_for(lambda: not studio.endpoints.list(LOCAL, refresh=True), every=0.5)
    (order,) = studio.orders.stopped(LOCAL)
    assert (order.name, order.instance_type, order.instances) == ("quick", "ml.m5.large", 1)
    assert not order.is_asynchronous
    studio.orders.start(LOCAL, "quick")
    assert studio.orders.stopped(LOCAL) == ()
    with pytest.raises(NotFound, match="not kept any more"):
        studio.orders.start(LOCAL, "quick")
    wait_for(lambda: accepts_jobs(studio), every=0.5)
    assert run(studio).state is JobState.SUCCEEDED
