"""Where S3 refuses to delete some objects in an answer of 200, nothing claims to be deleted."""

from collections.abc import Callable, Iterator

import pytest
from ulid import ULID

from core.errors import AwsDenied
from core.ids import utc_now
from core.jobs.records import Job, JobState
from core.settings import Backend, Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.keys import model_key, output_key
from formats.models.kinds import ModelKind
from formats.openpose.skeleton import Person, Point, Skeleton
from tests.support.faulty_aws import Answer, Call, FaultyAws, faulty_aws

JOB_ID = str(ULID())
MODEL = "a.safetensors"
POSE = Skeleton(
    width=64, height=64, people=(Person(body=tuple(Point(x=3 * i, y=3 * i) for i in range(18))),)
)


def refuse_one(call: Call) -> Answer:
    """S3's answer to DeleteObjects where one key may not be deleted."""
    key = call.text.split("<Key>")[1].split("</Key>")[0]
    error = f"<Key>{key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message>"
    body = f"<DeleteResult><Error>{error}</Error></DeleteResult>"
    return Answer(200, body.encode(), (("Content-Type", "application/xml"),))


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture(scope="module")
def studio(account: FaultyAws) -> Iterator[Studio]:
    settings = Settings(backend=Backend.AWS, bucket="my-team-bucket")
    with open_studio(settings, account.connection) as opened:
        opened.setup.create_bucket()
        opened.setup.create_tables()
        yield opened


def delete_job(studio: Studio) -> Callable[[], None]:
    job = Job(
        id=JOB_ID,
        owner=LOCAL.name,
        endpoint="team",
        state=JobState.SUCCEEDED,
        created_at=utc_now(),
        updated_at=utc_now(),
        mode=Mode.TXT2IMG,
        checkpoint="a",
        prompt="",
    )
    studio._workers.store.add(job)
    studio.storage.write(output_key(JOB_ID, 0), b"png", "image/png")
    return lambda: studio.job_trash.delete(LOCAL, JOB_ID)


def delete_model(studio: Studio) -> Callable[[], None]:
    key = model_key(ModelKind.CHECKPOINT, MODEL)
    studio.storage.write(key, b"x", "application/octet-stream")
    studio.models.list(LOCAL, refresh=True)
    return lambda: studio.models.delete_now(LOCAL, key)


def delete_pose(studio: Studio) -> Callable[[], None]:
    pose = studio.poses.save(LOCAL, "standing", (), POSE)
    return lambda: studio.poses.delete(LOCAL, pose.id)


@pytest.mark.parametrize("prepare", [delete_job, delete_model, delete_pose])
def test_what_s3_refused_to_delete_stays(
    studio: Studio, account: FaultyAws, prepare: Callable[[Studio], Callable[[], None]]
) -> None:
    delete = prepare(studio)
    kept = {found.key for found in studio.storage.list("")}
    account.faults["?delete"] = refuse_one
    with pytest.raises(AwsDenied, match=r"Deleting \w+/.* failed: Access Denied"):
        delete()
    account.faults.clear()
    assert {found.key for found in studio.storage.list("")} == kept
    delete()  # the record is still there to try again
    assert {found.key for found in studio.storage.list("")} < kept
