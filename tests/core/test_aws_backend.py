"""The aws backend against moto: shows what is missing, creates it when told to, keeps jobs."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from core.aws.ascii_values import decode_value
from core.aws.client import Connection
from core.aws.tags import ENDPOINT_TAG, OWNER_TAG, TEAM_TAG
from core.endpoints.costs.service import UserDay
from core.endpoints.scaling.spec import ScalingSpec
from core.ids import new_id, utc_now
from core.jobs.preparing.draft import Draft
from core.jobs.records import JobFilter, JobState
from core.jobs.store.dynamodb import table_definition
from core.records.dynamodb import records_table_definition
from core.settings import Backend, Settings
from core.setup.checks import SetupAction
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.generation.request import parse_request
from formats.generation.result import GenerationResult, Outcome, Picture
from formats.keys import model_key, output_key, request_key, result_key
from formats.models.kinds import ModelKind
from tests.support.helpers import wait_for
from tests.support.set_up_account import fill_account

CHECKPOINT = "tiny-noise-v1.safetensors"


@pytest.fixture
def moto_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty account that boto3 finds in the environment, as a user's would be."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # moto keeps its accounts in the process, where another test may have used them.
    httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield url
    server.stop()


def aws_settings(tmp_path: Path) -> Settings:
    return Settings(
        backend=Backend.AWS,
        data=tmp_path,
        bucket="my-team-bucket",
        endpoint_role="arn:aws:iam::123456789012:role/endpoint",
        image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1",
        instance_type="ml.g4dn.xlarge",
        poll_seconds=0.1,
    )


@pytest.fixture
def studio(moto_account: str, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(aws_settings(tmp_path), Connection()) as opened:
        yield opened


def missing(studio: Studio) -> set[str]:
    return {check.name for check in studio.setup.checks() if check.blocks}


def test_nothing_is_created_until_told_to(studio: Studio) -> None:
    fill_account(boto3.Session())
    names = {
        "S3 bucket my-team-bucket",
        "DynamoDB table contrapposto-jobs",
        "DynamoDB table contrapposto-records",
    }
    assert missing(studio) == names
    assert missing(studio) == names
    actions = [check.action for check in studio.setup.checks() if check.action]
    assert actions == [
        SetupAction.CREATE_BUCKET,
        SetupAction.CREATE_TABLE,
        SetupAction.CREATE_RECORDS_TABLE,
        SetupAction.CREATE_EVENTS,
    ]
    for _ in range(2):  # a second click is harmless
        for action in actions:
            studio.setup.perform(LOCAL, action)
        assert missing(studio) == set()
    (events,) = (c for c in studio.setup.checks() if c.name.startswith("SNS"))
    assert (events.ok, "contrapposto-jobs-ended" in events.name) == (True, True)


@pytest.mark.parametrize(
    ("table", "indexes", "setting"),
    [
        (
            "contrapposto-jobs",
            "by-owner, by-score, by-state, by-time, open-jobs",
            "CONTRAPPOSTO_TABLE",
        ),
        ("contrapposto-records", "by-kind", "CONTRAPPOSTO_RECORDS_TABLE"),
    ],
)
def test_a_table_of_something_else_is_told_and_left_alone(
    studio: Studio, table: str, indexes: str, setting: str
) -> None:
    boto3.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    (check,) = (c for c in studio.setup.checks() if c.name == f"DynamoDB table {table}")
    assert (check.ok, check.action) == (False, None)
    assert f"lacks the indexes {indexes}. Choose another table with {setting}," in check.detail


_KEYS_ONLY: Final = {"Projection": {"ProjectionType": "KEYS_ONLY"}}


def _keys(*names: str) -> dict[str, Any]:
    kinds = zip(names, ("HASH", "RANGE"), strict=False)
    return {"KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]}


@pytest.mark.parametrize(
    ("definition", "changed", "message"),
    [
        (table_definition("contrapposto-jobs"), _keys("rank"), "it has another key"),
        (table_definition("contrapposto-jobs"), _KEYS_ONLY, "its indexes by-time, by-owner"),
        (table_definition("contrapposto-jobs"), {}, ""),
        (records_table_definition("contrapposto-records"), _keys("sk", "pk"), "it has another key"),
        (records_table_definition("contrapposto-records"), _KEYS_ONLY, "its indexes by-kind"),
        (records_table_definition("contrapposto-records"), {}, ""),
    ],
)
def test_a_table_of_another_kind_is_told(
    studio: Studio, definition: Any, changed: dict[str, Any], message: str
) -> None:
    if "Projection" in changed:
        for index in definition["GlobalSecondaryIndexes"]:
            index.update(changed)
    else:
        definition.update(changed)
    boto3.client("dynamodb").create_table(**definition)
    name = f"DynamoDB table {definition['TableName']}"
    (check,) = (c for c in studio.setup.checks() if c.name == name)
    assert (check.ok, check.action) == (not message, None)
    assert message in check.detail


def test_missing_settings_and_credentials_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with open_studio(aws_settings(tmp_path), Connection()) as opened:
        (check,) = opened.setup.checks()
        assert (check.name, check.ok) == ("Region", False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with open_studio(aws_settings(tmp_path), Connection()) as opened:
        (check,) = opened.setup.checks()
        assert (check.name, check.ok) == ("Credentials", False)
        assert "credentials" in check.detail


def test_the_same_app_works_there(studio: Studio, models: Path) -> None:
    studio.setup.create_bucket()
    studio.setup.create_tables()
    studio.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
    wait_for(lambda: not studio.uploads.list(LOCAL)[0].active)
    assert studio.models.list(LOCAL, refresh=True)[0].key == model_key(
        ModelKind.CHECKPOINT, CHECKPOINT
    )
    studio.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
    assert studio.endpoints.list(LOCAL)[0].accepts_jobs
    draft = Draft(endpoint="team", checkpoints=(CHECKPOINT,), prompt="a dog")
    (job,) = studio.jobs.submit(LOCAL, draft, new_id())
    wait_for(lambda: studio.jobs.get(LOCAL, job.id).sent_at)
    play_container(studio, job.id)
    done = wait_for(
        lambda: found if not (found := studio.jobs.get(LOCAL, job.id)).state.is_open else None
    )
    assert (done.state, done.image_count) == (JobState.SUCCEEDED, 1)
    assert studio.jobs.page(LOCAL, JobFilter()).jobs == (done,)
    assert done.instance_type == "ml.g4dn.xlarge"
    assert [(day.user, day.jobs) for day in wait_for(lambda: _days(studio))] == [("local", 1)]
    assert "Reading AWS's price list failed" in studio.costs.price_problem()
    (endpoint,) = studio.endpoints.list(LOCAL)
    studio.costs.set_limits(LOCAL, "team", 5, None)
    studio.costs.look()
    assert studio.costs.of(endpoint).limits.monthly_budget == 5
    url = studio.storage.presign(output_key(job.id, 0), 60)
    assert httpx.get(url, trust_env=False, timeout=60).content == b"png"


KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"


def test_all_that_is_written_is_encrypted_with_the_key_and_tagged(
    moto_account: str, tmp_path: Path, models: Path
) -> None:
    settings = aws_settings(tmp_path).model_copy(
        update={"kms_key": KEY, "team": "Ärzte", "subnets": "subnet-0a", "security_groups": "sg-1"}
    )
    with open_studio(settings, Connection()) as opened:
        opened.setup.create_bucket()
        opened.setup.create_tables()
        opened.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
        wait_for(lambda: not opened.uploads.list(LOCAL)[0].active)
        opened.storage.write("jobs/x", b"x", "text/plain")
        opened.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
    s3, sagemaker = boto3.client("s3"), boto3.client("sagemaker")
    for key in ("jobs/x", model_key(ModelKind.CHECKPOINT, CHECKPOINT)):
        head = s3.head_object(Bucket="my-team-bucket", Key=key)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", KEY), key
    assert s3.head_object(Bucket="my-team-bucket", Key="jobs/x")["BucketKeyEnabled"]
    model = sagemaker.describe_model(ModelName="team")
    assert model["VpcConfig"] == {"Subnets": ["subnet-0a"], "SecurityGroupIds": ["sg-1"]}
    assert model["PrimaryContainer"]["Environment"]["CONTRAPPOSTO_KMS_KEY"] == KEY
    config = sagemaker.describe_endpoint_config(EndpointConfigName="team")
    assert config["KmsKeyId"] == KEY
    assert config["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"] == KEY
    endpoint = sagemaker.describe_endpoint(EndpointName="team")
    for arn in (model["ModelArn"], config["EndpointConfigArn"], endpoint["EndpointArn"]):
        tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]
        found = {tag["Key"]: decode_value(tag["Value"]) for tag in tags}
        assert found == {OWNER_TAG: "local", TEAM_TAG: "Ärzte", ENDPOINT_TAG: "team"}, arn
    (tag,) = s3.get_bucket_tagging(Bucket="my-team-bucket")["TagSet"]
    assert (tag["Key"], decode_value(tag["Value"])) == (TEAM_TAG, "Ärzte")
    table = boto3.client("dynamodb").describe_table(TableName=settings.table)["Table"]
    (tag,) = boto3.client("dynamodb").list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert decode_value(tag["Value"]) == "Ärzte"


def test_a_bucket_keeps_the_tags_that_it_has(moto_account: str, tmp_path: Path) -> None:
    s3, name = boto3.client("s3"), "my-team-bucket"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    other: Any = {"Key": "department", "Value": "7"}
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [other]})
    for team in ("art", "design"):
        settings = aws_settings(tmp_path).model_copy(update={"team": team})
        with open_studio(settings, Connection()) as opened:
            opened.setup.create_bucket()
        tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
        assert tags == [other, {"Key": TEAM_TAG, "Value": team}]


def _days(studio: Studio) -> tuple[UserDay, ...]:
    studio.costs.look()
    return studio.costs.days(LOCAL)


def test_an_order_of_scaling_is_set_up_and_removed_there(studio: Studio) -> None:
    studio.setup.create_bucket()
    studio.setup.create_tables()
    order = ScalingSpec(maximum=3, ends_at=utc_now() + timedelta(days=30))
    studio.scaling.create(LOCAL, "team", "ml.g4dn.xlarge", order)
    studio.scaling.complete_pending()
    report = studio.scaling.reports(LOCAL, refresh=True)["team"]
    assert (report.is_pending, report.problem, report.findings) == (False, "", ())
    (found,) = studio.scaling._account.read()
    assert (len(found.policies), len(found.actions), len(found.alarms)) == (3, 1, 2)
    studio.endpoints.delete(LOCAL, "team")
    assert all(one.target is None and not one.alarms for one in studio.scaling._account.read())


def play_container(studio: Studio, job_id: str) -> None:
    """Write what a container writes; moto runs none."""
    request = parse_request(studio.storage.read(request_key(job_id)).data)
    picture = Picture(
        index=0, seed=request.seed, width=512, height=512, sha256="0" * 64, infotext=""
    )
    now = utc_now()
    result = GenerationResult(
        id=job_id, outcome=Outcome.SUCCEEDED, pictures=(picture,), started_at=now, ended_at=now
    )
    studio.storage.write(output_key(job_id, 0), b"png", "image/png")
    studio.storage.write(result_key(job_id), result.model_dump_json().encode(), "application/json")
