"""What an instance writes of its jobs begins them, keeps them alive, and shows how far they are."""

from datetime import timedelta
from typing import Any

import pytest

from core.ids import new_id
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.live_progress import LiveProgress
from core.jobs.following.schedule import Schedule
from core.jobs.records import FailureReason, Job, JobState
from core.settings import Settings
from formats.keys import HEARTBEATS, heartbeat_key, preview_key, progress_key
from tests.core.jobs.conftest import Workshop
from tests.core.jobs.following.conftest import PREVIEW, beat, progress


def old_beat(shop: Workshop, *jobs: Job, step: int = 1) -> None:
    """The same of a container older than 0.2."""
    for job in jobs:
        body = progress(shop, job, step).model_dump_json(exclude={"preview"})
        shop.storage.write(progress_key(job.id), body.encode(), "application/json")
        shop.storage.write(preview_key(job.id), PREVIEW, "image/webp")


@pytest.fixture(autouse=True)
def clean(workshop: Workshop) -> None:
    workshop.storage.delete_prefix(HEARTBEATS)


@pytest.mark.parametrize("write", [beat, old_beat])
def test_a_job_runs_as_long_as_it_is_told_of(workshop: Workshop, write: Any) -> None:
    job = workshop.job(sent_at=workshop.now)
    for step in range(20):  # 200 s, far longer than it may be silent
        write(workshop, job, step=step)
        (job,) = workshop.sweep.run([job]).jobs
        assert job.state is JobState.RUNNING
        workshop.now += timedelta(seconds=10)
    job = workshop.look(job, 200)
    assert job.failure
    assert job.failure.code is FailureReason.WORKER_LOST


def test_a_record_is_written_once_for_the_start(workshop: Workshop) -> None:
    job = workshop.job(sent_at=workshop.now)
    writes: list[str] = []
    workshop.store._db.meta.events.register(
        "before-call.dynamodb.PutItem", lambda model, **_: writes.append(model.name)
    )
    for step in range(10):
        beat(workshop, job, step=step)
        (job,) = workshop.sweep.run([job]).jobs
        workshop.now += timedelta(seconds=1)
    assert writes == ["PutItem"]
    assert (job.state, job.step) == (JobState.RUNNING, 0)


@pytest.mark.parametrize("write", [beat, old_beat])
def test_who_looks_sees_how_far_it_is(workshop: Workshop, write: Any) -> None:
    heartbeats = workshop.heartbeats
    schedule = Schedule.of(Settings(), lambda _endpoint: True)
    live = LiveProgress(heartbeats, workshop.reconciler, schedule, workshop.clock)
    job = workshop.job(sent_at=workshop.now)
    write(workshop, job, step=3)
    (job,) = workshop.sweep.run([job]).jobs
    shown = live.look(job)
    assert (shown.stage, shown.step, shown.steps, shown.has_preview) == ("drawing", 3, 20, True)
    write(workshop, job, step=4)
    workshop.now += timedelta(seconds=1)
    live.read(live.viewed([job]), workshop.now)
    assert live.look(job).step == 4
    assert live.preview(job.id) == (PREVIEW if write is beat else None)


def test_calls_count_instances_not_jobs(workshop: Workshop) -> None:
    jobs = [workshop.job(sent_at=workshop.now) for _ in range(16)]
    beat(workshop, *jobs[:8], instance="i-1")
    beat(workshop, *jobs[8:], instance="i-2")
    heartbeats = Heartbeats(workshop.storage, workshop.clock)
    asked: list[str] = []
    events = workshop.aws.s3.meta.events
    events.register("before-call", lambda model, **_: asked.append(model.name), "count")
    heartbeats.discover("")
    assert sorted(asked) == ["GetObject"] * 2 + ["ListObjectsV2"]
    assert all(heartbeats.of(job.id) for job in jobs)
    asked.clear()
    heartbeats.discover("")
    assert asked == ["ListObjectsV2"], "nothing was written since"
    asked.clear()
    heartbeats.read_again([job.id for job in jobs[:8]])
    assert asked == ["GetObject"]
    beat(workshop, instance="i-1")
    heartbeats.read_again([jobs[0].id])
    assert [bool(heartbeats.of(job.id)) for job in (jobs[0], jobs[8])] == [False, True]
    events.unregister("before-call", unique_id="count")


def test_what_a_killed_instance_left_is_removed_after_a_day(workshop: Workshop) -> None:
    beat(workshop, workshop.job(), instance=new_id())
    heartbeats = Heartbeats(workshop.storage, workshop.clock)
    heartbeats.discover("")
    assert len(workshop.storage.list(HEARTBEATS)) == 1
    workshop.now += timedelta(days=2)
    heartbeats.discover("")
    assert workshop.storage.list(HEARTBEATS) == ()


@pytest.mark.parametrize("body", [b"{", b'{"jobs": []}'])
def test_a_heartbeat_without_jobs_breaks_nothing(workshop: Workshop, body: bytes) -> None:
    workshop.storage.write(heartbeat_key("i-9"), body, "application/json")
    job = workshop.job(sent_at=workshop.now)
    reads: list[str] = []
    events = workshop.aws.s3.meta.events
    events.register("before-call.s3.GetObject", lambda **_: reads.append("GET"), "count")
    for _ in range(3):
        workshop.heartbeats.discover("")
    events.unregister("before-call.s3.GetObject", unique_id="count")
    assert reads == ["GET"], "it is read once"
    swept = workshop.sweep.run([job])
    assert (swept.problem, swept.jobs[0].failure is None) == ("", False), "no endpoint is there"
