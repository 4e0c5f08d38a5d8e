"""`contrapposto upload`: the queue of the Models page, with a bar."""

from pathlib import Path

import boto3
import pytest

from tests.cli.conftest import Command
from tests.support.web.server import local_web, ranged, reply

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


def test_a_file_comes_from_a_site(
    contrapposto: Command,
    laptop: Path,
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = (models / "tiny-vae.safetensors").read_bytes()
    with local_web(tmp_path) as web:
        monkeypatch.setenv("SSL_CERT_FILE", str(web.authority))
        monkeypatch.setenv("CONTRAPPOSTO_IMPORT_HOSTS", f"localhost:{web.port}")
        web.routes["files.example.com/dream.safetensors"] = lambda asked: ranged(data, asked)
        web.routes["files.example.com/page"] = reply(b"<html>", content_type="text/html")
        site = web.url("files.example.com")
        refused = contrapposto("upload", f"{site}/dream.safetensors", f"{site}/page")
        assert (refused.status, refused.out) == (1, "")
        assert refused.err.startswith(f"{site}/page: ")
        assert "not with a file" in refused.err
        ended = contrapposto("upload", f"{site}/dream.safetensors")
    assert (ended.status, ended.err) == (0, "")
    assert "models/VAE/dream.safetensors" in ended.out
    assert "dream.safetensors (done)" in ended.out
