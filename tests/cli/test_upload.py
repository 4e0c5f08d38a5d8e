"""`contrapposto upload`: the queue of the Models page, with a bar."""

from pathlib import Path

import boto3

from tests.cli.conftest import Command

CHECKPOINT = "tiny-noise-v1.safetensors"


def test_files_get_into_the_bucket_of_the_account(
    contrapposto: Command, account: str, models: Path
) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(
        Bucket="team-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    ended = contrapposto("upload", str(models / CHECKPOINT))
    assert (ended.status, ended.err) == (0, "")
    assert f"{CHECKPOINT} (done)" in ended.out
    (stored,) = s3.list_objects_v2(Bucket="team-bucket")["Contents"]
    assert stored["Key"] == f"models/Stable-diffusion/{CHECKPOINT}"
    assert stored["Size"] == (models / CHECKPOINT).stat().st_size


def test_a_file_that_is_no_model_keeps_all_from_being_sent(
    contrapposto: Command, account: str, models: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("no model")
    ended = contrapposto("upload", str(models / CHECKPOINT), str(wrong))
    assert ended.status == 1
    assert ended.err.startswith(f"{wrong}: ")
    assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_an_upload_that_fails_says_why(contrapposto: Command, account: str, models: Path) -> None:
    ended = contrapposto("upload", str(models / CHECKPOINT))
    assert ended.status == 1
    assert CHECKPOINT in ended.err
    assert "NoSuchBucket" in ended.err or "does not exist" in ended.err


def test_the_embedded_aws_is_started_for_it(
    contrapposto: Command, laptop: Path, models: Path
) -> None:
    ended = contrapposto("upload", str(models / CHECKPOINT))
    assert (ended.status, ended.err) == (0, "")
    assert list(laptop.rglob("*"))
