"""`contrapposto export` and `import`: from a laptop into an account, and back."""

import ast
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.backup.jobs import closed_jobs, open_store
from cli.backup.records import KINDS, LEFT_OUT, open_records
from cli.connection import opened
from core.aws.storage import Storage
from core.endpoints.costs.limits import LIMITS, LIMITS_ID, EndpointLimits
from core.jobs.records import Job, JobState
from core.models.metadata.records import MODEL_RECORDS_OWNER, MODELS, ModelRecord
from formats.generation.parameters import Mode
from formats.keys import input_key, output_key, request_key
from local_aws.launcher import launch
from tests.cli.conftest import Command
from tests.support.helpers import ROOT
from tests.support.moto_account import moto_account
from tests.support.page_fixtures import STUB

DONE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OPEN = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
MODEL = "models/Lora/ink é.safetensors"
OBJECTS = {
    MODEL: b"weights" * 1000,
    input_key("a" * 64): b"\x89PNG input",
    request_key(DONE): b"{}",
    output_key(DONE, 0): b"\x89PNG output",
    "indexes/poses.json": b"[]",
}


def job(job_id: str, state: JobState) -> Job:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    return Job(
        id=job_id,
        owner="local",
        endpoint="team",
        bucket="contrapposto",
        state=state,
        created_at=now,
        updated_at=now,
        mode=Mode.TXT2IMG,
        checkpoint="noise.safetensors",
        prompt="a dog",
        failure_location="s3://contrapposto/async/failure/1",
    )


@pytest.fixture
def account_with_a_stack() -> Iterator[dict[str, str]]:
    """The settings of a studio in an account."""
    with moto_account():
        yield {"CONTRAPPOSTO_BACKEND": "aws", "CONTRAPPOSTO_BUCKET": "team-bucket"}


def use(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def contents(storage: Storage) -> dict[str, tuple[bytes, dict[str, str]]]:
    keys = [each.key for each in storage.list("")]
    return {key: (found.data, dict(found.metadata)) for key in keys if (found := storage.read(key))}


def make_studio() -> None:
    """A model with its hash, images, one job that ended and one that has not."""
    with opened() as (settings, aws):
        for key, data in OBJECTS.items():
            metadata = {"sha256": "b" * 64, "owner": "local"} if key == MODEL else {}
            aws.s3.put_object(
                Bucket=settings.bucket,
                Key=key,
                Body=data,
                Metadata=metadata,
                ContentType="image/png",
            )
        aws.s3.put_object(Bucket=settings.bucket, Key=request_key(OPEN), Body=b"{}")
        aws.s3.put_object(Bucket=settings.bucket, Key="async/output/1.out", Body=b"{}")
        store = open_store(settings, aws)
        store.add(job(DONE, JobState.SUCCEEDED))
        store.add(job(OPEN, JobState.RUNNING))
        store.close()
        with closing(open_records(settings, aws)) as records:
            records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=50))


def budgets() -> dict[str, float | None]:
    with opened() as (settings, aws), closing(open_records(settings, aws)) as records:
        return {each.owner: each.value.monthly_budget for each in records.page(LIMITS).records}


def read_studio() -> tuple[dict[str, tuple[bytes, dict[str, str]]], list[Job]]:
    with opened() as (settings, aws):
        store = open_store(settings, aws)
        jobs = list(closed_jobs(store))
        store.close()
        return contents(Storage(aws, settings.bucket)), jobs


def test_a_laptop_moves_into_an_account_and_back(
    contrapposto: Command,
    laptop: Path,
    account_with_a_stack: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    backup = str(tmp_path / "backup")
    with launch(laptop, container_command=STUB):
        make_studio()
        exported = contrapposto("export", backup)
    assert exported.status == 0
    assert exported.out.endswith(
        "5 objects (5 of them new) and 1 jobs; 1 open jobs are left out.\n"
    )

    use(monkeypatch, account_with_a_stack)
    assert contrapposto("doctor", "--repair").status == 1, "which makes bucket and table"
    imported = contrapposto("import", backup)
    assert (imported.status, imported.err) == (0, "")
    assert imported.out.endswith("5 objects and 1 jobs are new; 0 objects were there.\n")
    objects, (moved,) = read_studio()
    assert {key: data for key, (data, _) in objects.items()} == OBJECTS
    assert objects[MODEL][1] == {"sha256": "b" * 64, "owner": "local"}
    assert (moved.id, moved.bucket) == (DONE, "team-bucket")
    assert moved.failure_location == "s3://team-bucket/async/failure/1"
    assert budgets() == {}, "what a laptop's endpoints may cost is nothing to an account"
    again = contrapposto("import", backup)
    assert again.out.endswith("0 objects and 0 jobs are new; 5 objects were there.\n")

    assert contrapposto("export", str(tmp_path / "from-account")).status == 0
    monkeypatch.setenv("CONTRAPPOSTO_BACKEND", "embedded")
    monkeypatch.setenv("CONTRAPPOSTO_BUCKET", "contrapposto")
    monkeypatch.setenv("CONTRAPPOSTO_DATA", str(tmp_path / "other-laptop"))
    with launch(tmp_path / "other-laptop", container_command=STUB):
        assert contrapposto("import", str(tmp_path / "from-account")).status == 0
        objects, (back,) = read_studio()
    assert {key: data for key, (data, _) in objects.items()} == OBJECTS
    assert back == job(DONE, JobState.SUCCEEDED)


@pytest.fixture
def studio(account: str, contrapposto: Command) -> str:
    """A studio in an account, made and filled."""
    contrapposto("doctor", "--repair")
    make_studio()
    return "team-bucket"


def test_a_second_export_reads_what_is_new_alone(
    contrapposto: Command, studio: str, tmp_path: Path
) -> None:
    s3, backup = boto3.client("s3"), str(tmp_path / "backup")
    contrapposto("export", backup)
    s3.put_object(Bucket=studio, Key=MODEL, Body=b"other weights")
    s3.delete_object(Bucket=studio, Key="indexes/poses.json")
    again = contrapposto("export", backup)
    assert "4 objects (1 of them new)" in again.out
    files = {path.name for path in (tmp_path / "backup" / "objects").iterdir()}
    assert len(files) == 4


def test_a_verified_file_is_verified_where_it_goes(
    contrapposto: Command, studio: str, tmp_path: Path
) -> None:
    """Its record is of an ETag that it has no more."""
    s3, backup = boto3.client("s3"), str(tmp_path / "backup")
    key, pending = "models/Lora/pending.safetensors", {"verification": "pending", "owner": "ann"}
    etag = s3.put_object(Bucket=studio, Key=key, Body=b"x", Metadata=pending)["ETag"].strip('"')
    with opened() as (settings, aws), closing(open_records(settings, aws)) as records:
        found = ModelRecord(etag=etag, sha256="c" * 64)
        records.add(MODELS, MODEL_RECORDS_OWNER, key, found)
    contrapposto("export", backup)
    s3.delete_object(Bucket=studio, Key=key)
    contrapposto("import", backup)
    metadata = s3.head_object(Bucket=studio, Key=key)["Metadata"]
    assert metadata == {"sha256": "c" * 64, "owner": "ann"}


def test_an_export_that_broke_off_goes_on(
    contrapposto: Command, studio: str, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    contrapposto("export", str(backup))
    lines = (backup / "objects.jsonl").read_text("utf-8").splitlines()
    first = json.loads(lines[0])["key"]
    (backup / "objects.jsonl").write_text(lines[0] + "\n" + lines[1][:20], "utf-8")
    again = contrapposto("export", str(backup))
    assert "5 objects (4 of them new)" in again.out, first


def test_a_restore_leaves_what_was_changed_since(
    contrapposto: Command, studio: str, tmp_path: Path
) -> None:
    """After a mishap: what was deleted comes back, what is other is named and stays."""
    s3, backup = boto3.client("s3"), str(tmp_path / "backup")
    contrapposto("export", backup)
    s3.delete_object(Bucket=studio, Key=MODEL)
    s3.put_object(Bucket=studio, Key=output_key(DONE, 0), Body=b"\x89PNG 0utput")
    boto3.client("dynamodb").delete_item(TableName="contrapposto-jobs", Key={"id": {"S": DONE}})
    ended = contrapposto("import", backup)
    assert ended.status == 1
    assert (
        ended.err
        == f"{output_key(DONE, 0)}: other bytes are there and stay. Delete them to import these.\n"
    )
    assert "1 objects and 1 jobs are new; 3 objects were there." in ended.out
    assert s3.get_object(Bucket=studio, Key=MODEL)["Body"].read() == OBJECTS[MODEL]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (None, "is no backup"),
        ({"format": 1}, "is no backup"),
        ({"format": 2, "version": "9.0", "bucket": "b", "made_at": "2030-01-01T00:00:00Z"}, "9.0"),
    ],
)
def test_a_folder_that_is_no_backup_is_told(
    contrapposto: Command, account: str, tmp_path: Path, about: dict[str, Any] | None, words: str
) -> None:
    if about:
        (tmp_path / "backup.json").write_text(json.dumps(about))
    ended = contrapposto("import", str(tmp_path))
    assert (ended.status, words in ended.err) == (1, True)


def test_a_backup_of_another_bucket_is_not_mixed_up(
    contrapposto: Command, studio: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    contrapposto("export", str(tmp_path / "backup"))
    monkeypatch.setenv("CONTRAPPOSTO_BUCKET", "other-bucket")
    ended = contrapposto("export", str(tmp_path / "backup"))
    assert (ended.status, "is a backup of the bucket team-bucket" in ended.err) == (1, True)


def test_every_kind_of_record_is_in_a_backup() -> None:
    calls = (
        (node, path)
        for path in (ROOT / "core").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "RecordKind"
    )
    named = {ast.literal_eval(node.args[0]) for node, _ in calls}
    assert named == {kind.name for kind in KINDS} | LEFT_OUT
