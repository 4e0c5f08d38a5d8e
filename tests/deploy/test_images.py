"""What is built from: an archive of the sources alone, and CodeBuild in the account."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import boto3
import pytest

from core.aws.client import Aws, Connection
from deploy.account import Account
from deploy.codebuild import SOURCE_KEY, CodeBuilder, source_archive
from deploy.images import CONTAINER, DASHBOARD, pushed_image
from tests.support.fake_docker import MANIFEST
from tests.support.helpers import ROOT
from tests.support.moto_account import moto_account

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto/container"
BUCKET = "team-bucket"


@pytest.fixture
def account() -> Iterator[Account]:
    """An account with a build project, whose images are there before they are built."""
    with moto_account():
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        ecr = boto3.client("ecr")
        ecr.create_repository(repositoryName="contrapposto/container")
        ecr.put_image(
            repositoryName="contrapposto/container",
            imageTag="1",
            imageManifest=json.dumps(MANIFEST),
        )
        boto3.client("codebuild").create_project(
            name="contrapposto-images",
            source={"type": "S3", "location": f"{BUCKET}/{SOURCE_KEY}"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER",
                "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                "computeType": "BUILD_GENERAL1_LARGE",
            },
            serviceRole="arn:aws:iam::123456789012:role/build",
        )
        yield Account(Aws(Connection()))


def packed(root: Path) -> set[str]:
    with zipfile.ZipFile(BytesIO(source_archive(root))) as archive:
        return set(archive.namelist())


def test_the_archive_has_what_the_dockerfiles_copy() -> None:
    names = packed(ROOT)
    assert {DASHBOARD.dockerfile, CONTAINER.dockerfile, "app.py", "core/studio/service.py"} <= names
    assert {"requirements.txt", "sagemaker_container/requirements.txt", ".dockerignore"} <= names
    folders = {name.partition("/")[0] for name in names}
    assert not folders & {".git", ".venv", ".data", "tests", "docs", "local_aws"}


def test_no_secret_leaves_the_machine(tmp_path: Path) -> None:
    for name in ("Dockerfile", "sagemaker_container/Dockerfile"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("COPY .streamlit core ./\n")
    shutil.copy(ROOT / ".dockerignore", tmp_path)
    for name in (".streamlit/secrets.toml", ".streamlit/config.toml", "core/.env", "core/a.key"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert {name for name in packed(tmp_path) if "ocker" not in name} == {".streamlit/config.toml"}


def test_codebuild_gets_the_source_and_gives_the_digest(account: Account) -> None:
    said: list[str] = []
    builder = CodeBuilder(account, "contrapposto-images", ROOT, BUCKET)
    image = builder.push(CONTAINER, REPOSITORY, "1", said.append)
    assert image == pushed_image(boto3.client("ecr"), REPOSITORY, "1")
    assert image.startswith(f"{REPOSITORY}@sha256:")
    assert said[0] == f"building {REPOSITORY}:1 with CodeBuild"
    assert boto3.client("s3").head_object(Bucket=BUCKET, Key=SOURCE_KEY)["ContentLength"] > 1000
    assert boto3.client("codebuild").list_builds()["ids"][0].startswith("contrapposto-images:")
