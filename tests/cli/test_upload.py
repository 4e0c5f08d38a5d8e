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
    contrapposto("doctor", "--repair")  # which makes the bucket and the tables
    s3 = boto3.client("s3")
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
    assert "NoSuchBucket" in ended.err or "does not exist" in ended.err


def test_the_embedded_aws_is_started_for_it(
    contrapposto: Command, laptop: Path, models: Path
) -> None:
    ended = contrapposto("upload", str(models / CHECKPOINT))
    assert (ended.status, ended.err) == (0, "")
    assert list(laptop.rglob("*"))


def test_a_folder_and_an_object_are_planned_and_sent(
    contrapposto: Command, laptop: Path, models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / CHECKPOINT).write_bytes((models / CHECKPOINT).read_bytes())
    (folder / "notes.txt").write_text("notes")
    ended = contrapposto("upload", str(folder))
    assert (ended.status, ended.err) == (0, "")
    assert f"models/Stable-diffusion/{CHECKPOINT} (" in ended.out
    assert f"skipped {folder / 'notes.txt'}: This is no model file." in ended.out
    again = contrapposto("upload", str(folder / CHECKPOINT))
    assert again.status == 0
    assert "the same bytes are not sent again" in again.out
    assert "nothing was sent" in again.out


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("s3://no-such-bucket-here/a.safetensors", "no object"),
        ("s3://", "looks like s3://"),
        ("ftp://example.org/a.safetensors", ""),
        ("https://127.0.0.1/a.safetensors", ""),
    ],
)
def test_an_address_that_can_not_be_taken_is_refused(
    contrapposto: Command, laptop: Path, address: str, says: str
) -> None:
    ended = contrapposto("upload", address)
    assert ended.status == 1
    assert ended.err.startswith(f"{address}: ")
    assert says in ended.err


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
