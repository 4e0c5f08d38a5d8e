"""A job goes the whole way through the local AWS and the real container, and always ends."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from core.aws.client import Connection
from core.errors import Conflict, EndpointNotReady, InvalidDraft, InvalidInput, NotFound
from core.ids import new_id
from core.jobs.preparing.draft import Draft, DraftUnit
from core.jobs.records import FailureReason, Job, JobFilter, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL, User
from formats.generation.infotext import read
from formats.generation.parameters import Mode
from formats.generation.request import LoraUse
from formats.generation.result import ErrorCode
from formats.keys import job_prefix, model_key
from formats.models.kinds import ModelKind
from formats.openpose.skeleton import Person, Point, Skeleton
from local_aws.launcher import LocalAws
from tests.support.helpers import wait_for
from tests.support.models import verify_models
from tests.support.soak import rounds

pytestmark = pytest.mark.slow

CHECKPOINT = "tiny-noise-v1.safetensors"
CONTROLNET = "tiny-control-openpose.safetensors"
LONG: dict[str, Any] = {"steps": 150, "width": 512, "height": 512, "batch_count": 16}
"""A job that no machine ends before a test has done what it came for."""
POSE = Skeleton(
    width=64, height=64, people=(Person(body=tuple(Point(x=3 * i, y=3 * i) for i in range(18))),)
)


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A studio with models and an endpoint InService."""
    data = tmp_path_factory.mktemp("jobs")
    settings = Settings(data=data, bucket="test-jobs", poll_seconds=0.2)
    with open_studio(settings, connection) as opened:
        files = [
            str(path)
            for path in models.glob("tiny-*.safetensors")
            if path.stem not in ("tiny-control-other-width", "tiny-sdxl-checkpoint")
        ]
        opened.uploads.start_paths(LOCAL, files, None)
        opened.endpoints.create(LOCAL, "jobs", "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs, every=0.5)
        yield opened


def draft(**changes: Any) -> Draft:
    values: dict[str, Any] = {
        "endpoint": "jobs",
        "checkpoints": (CHECKPOINT,),
        "prompt": "a cute dog",
        "width": 64,
        "height": 64,
        "steps": 2,
    }
    return Draft(**{**values, **changes})


def has_counted(studio: Studio, key: str, job: Job) -> bool:
    return job.id in studio.models.recent_jobs(LOCAL, key)


def test_a_job_counts_for_what_it_used(studio: Studio) -> None:
    lora = "tiny-style-lora.safetensors"
    (job,) = studio.jobs.submit(LOCAL, draft(loras=(LoraUse(name=lora, weight=0.5),)), new_id())
    assert ended(studio, job).state is JobState.SUCCEEDED
    for kind, name in ((ModelKind.CHECKPOINT, CHECKPOINT), (ModelKind.LORA, lora)):
        key = model_key(kind, name)
        wait_for(partial(has_counted, studio, key, job))
        file = studio.models.find(LOCAL, kind, name)
        assert file
        assert file.record.jobs >= 1
        assert file.record.last_used


def ended(studio: Studio, job: Job, user: User = LOCAL) -> Job:
    def look() -> Job | None:
        found = studio.jobs.get(user, job.id)
        return None if found.state.is_open else found

    return wait_for(look)


def run(studio: Studio, **changes: Any) -> Job:
    (job,) = studio.jobs.submit(LOCAL, draft(**changes), new_id())
    return ended(studio, job)


def test_the_whole_way(studio: Studio) -> None:
    (job,) = studio.jobs.submit(LOCAL, draft(seed=5, negative_prompt="cat"), new_id())
    assert job.state is JobState.QUEUED
    assert studio.jobs.page(LOCAL, JobFilter()).jobs[0].id == job.id
    assert job.id in {open_job.id for open_job in studio.jobs.open(LOCAL)}
    done = ended(studio, job)
    assert (done.state, done.image_count, done.failure) == (JobState.SUCCEEDED, 1, None)
    wait_for(lambda: studio._workers.receiver.tells_of("jobs"))  # by SNS and SQS
    detail = studio.jobs.detail(LOCAL, job.id)
    assert detail.request
    assert detail.result
    assert (detail.request.seed, detail.result.pictures[0].seed) == (5, 5)
    with Image.open(io.BytesIO(studio.jobs.image(LOCAL, job.id, 0))) as image:
        info = read(image.text["parameters"])  # type: ignore[attr-defined]  # PNG
        assert image.size == (64, 64)
    assert (info.prompt, info.negative_prompt) == ("a cute dog", "cat")
    assert (info.parameters["Seed"], info.parameters["Steps"]) == ("5", "2")


def test_reused_parameters_are_the_same_form(studio: Studio) -> None:
    unit = DraftUnit(model=CONTROLNET, pose=POSE, weight=0.8)
    first = draft(units=(unit,), seed=9, loras=(LoraUse(name="tiny-style-lora.safetensors"),))
    (job,) = studio.jobs.submit(LOCAL, first, new_id())
    assert ended(studio, job).state is JobState.SUCCEEDED
    assert studio.jobs.draft_of(LOCAL, job.id) == first


def test_img2img_from_a_result(studio: Studio) -> None:
    first = run(studio)
    picture = studio.jobs.image(LOCAL, first.id, 0)
    second = run(studio, mode=Mode.IMG2IMG, init_image=picture, denoising_strength=0.5)
    assert (second.state, second.mode) == (JobState.SUCCEEDED, Mode.IMG2IMG)


def test_several_checkpoints_make_one_job_each(studio: Studio) -> None:
    names = (CHECKPOINT, "tiny-noise-v2.safetensors")
    jobs = studio.jobs.submit(LOCAL, draft(checkpoints=names), new_id())
    assert [job.checkpoint for job in jobs] == list(names)
    assert {ended(studio, job).state for job in jobs} == {JobState.SUCCEEDED}


def test_a_second_click_makes_nothing_new(studio: Studio) -> None:
    click = new_id()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: studio.jobs.submit(LOCAL, draft(), click), range(4)))
    assert len({jobs[0].id for jobs in answers}) == 1
    ended(studio, answers[0][0])


def test_a_refusal_leaves_nothing(studio: Studio) -> None:
    before = (studio.storage.list("jobs/"), studio.storage.list("inputs/"))
    newest = studio.jobs.newest(LOCAL)
    bad = [
        draft(endpoint="missing"),
        draft(checkpoints=("missing.safetensors",)),
        draft(loras=(LoraUse(name="tiny-sdxl-lora.safetensors"),)),
        draft(prompt="<lora:missing> dog"),
        draft(steps=0),
    ]
    for one in bad:
        with pytest.raises((EndpointNotReady, InvalidDraft)):
            studio.jobs.submit(LOCAL, one, new_id())
    assert (studio.storage.list("jobs/"), studio.storage.list("inputs/")) == before
    assert studio.jobs.newest(LOCAL) == newest


def test_a_lora_of_another_family_is_named(studio: Studio) -> None:
    with pytest.raises(InvalidDraft, match=r"SDXL.*SD 1"):
        studio.jobs.submit(
            LOCAL, draft(loras=(LoraUse(name="tiny-sdxl-lora.safetensors"),)), new_id()
        )


def test_a_failure_has_a_reason(studio: Studio) -> None:
    """The file goes after the pre-flight saw it: only the container can tell."""
    key = "models/Stable-diffusion/gone.safetensors"
    content = studio.storage.read(f"models/Stable-diffusion/{CHECKPOINT}")
    studio.storage.write(key, content.data + b"x", "application/octet-stream")
    studio.storage.write(key, content.data, "application/octet-stream")
    studio.models.list(LOCAL, refresh=True)
    studio.storage.delete((key,))
    job = run(studio, checkpoints=("gone.safetensors",))
    assert job.state is JobState.FAILED
    assert job.failure
    assert job.failure.code is ErrorCode.MODEL_MISSING
    assert "gone.safetensors" in job.failure.message


def test_cancel_a_running_and_a_queued_job(studio: Studio) -> None:
    (first,) = studio.jobs.submit(LOCAL, draft(**LONG), new_id())
    wait_for(lambda: studio.jobs.get(LOCAL, first.id).state is JobState.RUNNING)
    (second,) = studio.jobs.submit(LOCAL, draft(), new_id())
    assert studio.jobs.cancel(LOCAL, second.id).state is JobState.CANCELLED
    assert studio.jobs.cancel(LOCAL, first.id).cancelling
    assert ended(studio, first).state is JobState.CANCELLED
    assert ended(studio, second).image_count == 0
    with pytest.raises(Conflict):
        studio.jobs.cancel(LOCAL, first.id)


def test_retry_and_delete(studio: Studio) -> None:
    first = run(studio, seed=3)
    again = studio.jobs.retry(LOCAL, first.id, new_id())
    assert again.id != first.id
    with pytest.raises(Conflict, match="open"):
        studio.job_trash.delete(LOCAL, again.id)
    ended(studio, again)
    same = [studio.jobs.image(LOCAL, job.id, 0) for job in (first, again)]
    assert same[0] == same[1]
    studio.job_trash.delete(LOCAL, first.id)
    assert studio.storage.list(job_prefix(first.id)) == ()
    with pytest.raises(NotFound):
        studio.jobs.get(LOCAL, first.id)


@pytest.mark.parametrize("job_id", ["../x", "", "x" * 26, "01JD8Z5M3Q8V4T0W9X2Y7R6N5K/../y"])
def test_a_strange_id_is_refused(studio: Studio, job_id: str) -> None:
    with pytest.raises(InvalidInput):
        studio.jobs.get(LOCAL, job_id)


@rounds(20, 400)
def test_jobs_of_two_users_give_each_its_own_picture(studio: Studio, rounds: int) -> None:
    ann, bob = User(name="ann"), User(name="bob")

    def submit(index: int) -> tuple[User, int, Job]:
        user = ann if index % 2 else bob
        words = f"picture {index} of {user.name}"
        (job,) = studio.jobs.submit(user, draft(prompt=words, seed=index), new_id())
        return user, index, job

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(submit, range(rounds)))
    for user, index, job in sent:
        assert ended(studio, job, user).state is JobState.SUCCEEDED
        with Image.open(io.BytesIO(studio.jobs.image(user, job.id, 0))) as image:
            info = read(image.text["parameters"])  # type: ignore[attr-defined]  # PNG
        assert info.prompt == f"picture {index} of {user.name}"
        assert info.parameters["Seed"] == str(index)
        assert studio.jobs.get(user, job.id).owner == user.name


def test_a_dead_container_fails_its_job_and_the_next_one_runs(
    studio: Studio, local_aws: LocalAws
) -> None:
    """Within a minute the job tells why, and meanwhile the endpoint that it has no instance."""
    (job,) = studio.jobs.submit(LOCAL, draft(**LONG), new_id())
    wait_for(lambda: studio.jobs.get(LOCAL, job.id).step > 0)
    family = psutil.Process(local_aws.pid).children(recursive=True)
    for process in [each for each in family if "sagemaker_container" in each.cmdline()]:
        with suppress(psutil.NoSuchProcess):  # a worker ends with its front process
            process.kill()
    wait_for(lambda: studio.endpoints.list(LOCAL, refresh=True)[0].instances == 0, every=0.02)
    failed = ended(studio, job)
    assert failed.state is JobState.FAILED
    assert failed.failure
    assert failed.failure.code in (FailureReason.REJECTED, FailureReason.WORKER_LOST)
    assert "died" in failed.failure.message or "SIGKILL" in failed.failure.message
    assert "Retry the job" in failed.failure.message
    assert run(studio).state is JobState.SUCCEEDED  # it waits for the container that comes up
    assert studio.endpoints.list(LOCAL, refresh=True)[0].instances == 1


def test_a_restarted_dashboard_takes_up_open_jobs(
    studio: Studio, connection: Connection, tmp_path: Path
) -> None:
    settings = studio.settings.model_copy(update={"data": tmp_path})
    with open_studio(settings, connection) as first:
        verify_models(first)
        (job,) = first.jobs.submit(LOCAL, draft(steps=20, width=128, height=128), new_id())
    with open_studio(settings, connection) as second:
        assert ended(second, job).state is JobState.SUCCEEDED
