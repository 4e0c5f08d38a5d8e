"""A job is followed, read and deleted in the bucket that its record names."""

import pytest

from core.jobs.records import Job, JobState
from formats.keys import cancel_key, job_prefix, result_key
from tests.core.jobs.conftest import Workshop


@pytest.fixture
def moved(workshop: Workshop) -> Workshop:
    """The studio was given another bucket since."""
    if not workshop.storage.of_bucket("the-old-bucket").exists():
        workshop.aws.s3.create_bucket(
            Bucket="the-old-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    return workshop


def test_its_result_is_found(moved: Workshop) -> None:
    job = moved.job(bucket="the-old-bucket", state=JobState.RUNNING)
    here = moved.storage
    moved.storage = here.of_bucket("the-old-bucket")
    moved.write_result(job)
    assert here.head(result_key(job.id)) is None
    assert moved.look(job, 5).state is JobState.SUCCEEDED


def test_its_verdict_is_carried_out(moved: Workshop) -> None:
    job = moved.look(moved.job(bucket="the-old-bucket", state=JobState.RUNNING), 200)
    assert job.state is JobState.FAILED
    assert moved.storage.of_bucket(job.bucket).head(cancel_key(job.id))
    assert moved.storage.list(job_prefix(job.id)) == ()


@pytest.mark.parametrize("name", ["", "my-team-bucket"])
def test_records_of_older_versions_name_none(workshop: Workshop, name: str) -> None:
    assert workshop.storage.of_bucket(name) is workshop.storage
    assert Job.model_fields["bucket"].default == ""
