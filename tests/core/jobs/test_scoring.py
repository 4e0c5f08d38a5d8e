"""A finished job's images are scored once, and the score is kept."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from core.ids import new_id
from core.jobs.detail.scoring import PoseScoring
from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.keys import output_key, pose_score_key, request_key
from formats.openpose.skeleton import Skeleton
from poses.scores.pose_score import ScoreMethod
from tests.poses.figures import canvas, standing
from tests.poses.scores.test_pose_score import cartoon

POSE = canvas(standing())
NOW = datetime(2026, 11, 1, tzinfo=UTC)
OTHER = canvas(standing(0.5, 150))


@pytest.fixture
def scoring(studio: Studio) -> PoseScoring:
    return PoseScoring(studio.storage, studio.scores._authorized)


def png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def finished(
    studio: Studio, pose: Skeleton | None, pictures: list[Image.Image], state: str = "succeeded"
) -> Job:
    """A job as the container and the poller leave it."""
    units = (ControlNetUnit(model="pose.safetensors", image="0" * 64, pose=pose),)
    request = GenerationRequest(
        id=new_id(), checkpoint="a.safetensors", prompt="x", seed=1, controlnets=units
    )
    job = Job(
        id=request.id,
        owner="local",
        endpoint="e",
        state=JobState(state),
        created_at=NOW,
        updated_at=NOW,
        mode=Mode.TXT2IMG,
        checkpoint="a.safetensors",
        prompt="x",
        image_count=len(pictures),
        units=len(units),
    )
    data = request.model_dump_json().encode()
    studio.storage.write(request_key(job.id), data, "application/json")
    for index, picture in enumerate(pictures):
        studio.storage.write(output_key(job.id, index), png(picture), "image/png")
    studio._workers.store.add(job)
    return job


def test_scored_once_and_kept(studio: Studio, scoring: PoseScoring) -> None:
    busy = Image.effect_noise((256, 256), 90)
    job = finished(studio, POSE, [cartoon(POSE), cartoon(OTHER), busy])
    found = scoring.of_job(LOCAL, job.id)
    assert found is not None
    right, wrong, none = found.images
    assert right.value is not None
    assert wrong.value is not None
    assert right.value > 0.95
    assert wrong.value < 0.6
    assert none.method is ScoreMethod.NOT_SCORED
    assert found.method is ScoreMethod.FIGURE_MASK
    assert found.value == pytest.approx((right.value + wrong.value) / 2)

    studio.storage.delete((output_key(job.id, 0),))
    listed = studio.jobs.get(LOCAL, job.id)
    assert listed.pose_score == found.value
    assert scoring.of_job(LOCAL, listed.id) == found


@pytest.mark.parametrize(("pose", "state"), [(None, "succeeded"), (POSE, "failed")])
def test_no_pose_or_no_pictures_no_score(
    studio: Studio, scoring: PoseScoring, pose: Skeleton | None, state: str
) -> None:
    job = finished(studio, pose, [cartoon(POSE)], state)
    assert scoring.of_job(LOCAL, job.id) is None
    assert studio.storage.head(pose_score_key(job.id)) is None


def test_a_damaged_score_is_measured_again(studio: Studio, scoring: PoseScoring) -> None:
    job = finished(studio, POSE, [cartoon(POSE)])
    studio.storage.write(pose_score_key(job.id), b"no json", "application/json")
    found = scoring.of_job(LOCAL, job.id)
    assert found is not None
    studio.storage.delete((output_key(job.id, 0),))
    assert scoring.of_job(LOCAL, job.id) == found
