"""The restores of docs/aws.md: a deleted object by its version, a table at a second before."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.jobs.records import JobFilter, JobState
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.settings import Settings
from core.setup.table import check_table, tables
from tests.cli.test_transfer import DONE, job
from tests.support.cloudformation import Stack
from tests.support.moto_account import moto_account

MODEL = "models/Lora/ink.safetensors"


@pytest.fixture
def aws() -> Iterator[Aws]:
    """An account with bucket and table as the template has them."""
    stack = Stack({"BucketName": "team-bucket"})
    with moto_account():
        s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
        s3.create_bucket(
            Bucket="team-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        versioning: Any = stack.properties("Bucket")["VersioningConfiguration"]
        s3.put_bucket_versioning(Bucket="team-bucket", VersioningConfiguration=versioning)
        dynamodb.create_table(**table_definition("contrapposto-jobs"))
        recovery: Any = stack.properties("JobsTable")["PointInTimeRecoverySpecification"]
        dynamodb.update_continuous_backups(
            TableName="contrapposto-jobs", PointInTimeRecoverySpecification=recovery
        )
        yield Aws(Connection())


def test_a_deleted_model_comes_back_with_its_hash(aws: Aws) -> None:
    storage, s3 = Storage(aws, "team-bucket"), boto3.client("s3")
    s3.put_object(Bucket="team-bucket", Key=MODEL, Body=b"weights", Metadata={"sha256": "a" * 64})
    storage.delete((MODEL,))
    assert storage.find(MODEL) is None
    listed = s3.list_object_versions(Bucket="team-bucket", Prefix="models/Lora/ink")
    (marker,) = [each for each in listed["DeleteMarkers"] if each["IsLatest"]]
    s3.delete_object(Bucket="team-bucket", Key=marker["Key"], VersionId=marker["VersionId"])
    back = storage.find(MODEL)
    assert back
    assert (back.data, back.metadata) == (b"weights", {"sha256": "a" * 64})


def test_a_restored_table_is_a_job_list(aws: Aws) -> None:
    DynamoJobStore(aws, "contrapposto-jobs").add(job(DONE, JobState.SUCCEEDED))
    dynamodb = boto3.client("dynamodb")
    dynamodb.restore_table_to_point_in_time(
        SourceTableName="contrapposto-jobs",
        TargetTableName="contrapposto-jobs-restored",
        RestoreDateTime=datetime.now(UTC),
    )
    jobs, _ = tables(Settings(table="contrapposto-jobs-restored"))
    assert check_table(jobs, aws.dynamodb()).ok
    restored = DynamoJobStore(aws, "contrapposto-jobs-restored")
    assert restored.get(DONE) == job(DONE, JobState.SUCCEEDED)
    assert [each.id for each in restored.page(JobFilter()).jobs] == [DONE]
