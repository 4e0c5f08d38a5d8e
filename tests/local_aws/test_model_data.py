"""How a model's artefacts come to lie below the container's base folder."""

import io
import os
import tarfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local_aws.s3 import ObjectStore
from local_aws.sagemaker.instances.model_data import ModelDataError, install_model_data
from tests.local_aws.conftest import Cloud


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/").replace("UP", ".."))
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    opened = ObjectStore(tmp_path / "s3", time.time)
    opened.ensure_bucket("models")
    objects = {
        "sd/unet/weights.bin": b"unet",
        "sd/vae.bin": b"vae",
        "sd/folder/": b"",
        "packed.tar.gz": archive(code__run=b"run", config=b"{}"),
        "evil.tar.gz": archive(UP__UP__evil=b"evil"),
        "broken.tar.gz": b"no archive",
        "escape/../../evil": b"evil",
    }
    for key, data in objects.items():
        opened.put_bytes("models", key, data)
    yield opened
    opened.close()


def source(uri: str, kind: str = "S3Prefix", compression: str = "None") -> dict[str, Any]:
    return {
        "S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": compression},
    }


def found(base: Path) -> dict[str, bytes]:
    files = (path for path in sorted(base.rglob("*")) if path.is_file())
    return {str(path.relative_to(base)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    ("container", "files"),
    [
        ({}, {}),
        (
            {"ModelDataSource": source("s3://models/sd/")},
            {"model/unet/weights.bin": b"unet", "model/vae.bin": b"vae"},
        ),
        (
            {"ModelDataSource": source("s3://models/sd/vae.bin", "S3Object")},
            {"model/vae.bin": b"vae"},
        ),
        (
            {"ModelDataSource": source("s3://models/packed.tar.gz", "S3Object", "Gzip")},
            {"model/code/run": b"run", "model/config": b"{}"},
        ),
        (
            {"ModelDataUrl": "s3://models/packed.tar.gz"},
            {"model/code/run": b"run", "model/config": b"{}"},
        ),
        (
            {
                "AdditionalModelDataSources": [
                    {"ChannelName": "extra", **source("s3://models/sd/unet/")}
                ]
            },
            {"additional-model-data-sources/extra/weights.bin": b"unet"},
        ),
    ],
)
def test_artefacts_lie_where_sagemaker_puts_them(
    store: ObjectStore, tmp_path: Path, container: Mapping[str, Any], files: dict[str, bytes]
) -> None:
    install_model_data(store, container, tmp_path / "base")
    assert found(tmp_path / "base") == files


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"ModelDataSource": source("s3://models/none/")}, "Failed to download"),
        ({"ModelDataSource": source("s3://models/none", "S3Object")}, "Failed to download"),
        ({"ModelDataSource": source("s3://nowhere/sd/")}, "Failed to download"),
        ({"ModelDataUrl": "s3://models/broken.tar.gz"}, "Failed to extract"),
        ({"ModelDataUrl": "s3://models/evil.tar.gz"}, "Failed to extract"),
        ({"ModelDataSource": source("s3://models/escape/")}, "would leave the model's folder"),
    ],
)
def test_artefacts_that_cannot_be_laid_out(
    store: ObjectStore, tmp_path: Path, container: Mapping[str, Any], words: str
) -> None:
    with pytest.raises(ModelDataError, match=words):
        install_model_data(store, container, tmp_path / "deep" / "base")
    assert not list(tmp_path.rglob("evil"))


def test_a_large_file_is_linked_not_copied(store: ObjectStore, tmp_path: Path) -> None:
    install_model_data(store, {"ModelDataSource": source("s3://models/sd/")}, tmp_path / "base")
    kept = store.path("models", "sd/vae.bin")
    assert (tmp_path / "base" / "model" / "vae.bin").samefile(kept)


def test_it_is_copied_where_it_cannot_be_linked(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    install_model_data(store, {"ModelDataSource": source("s3://models/sd/")}, tmp_path / "base")
    assert found(tmp_path / "base")["model/vae.bin"] == b"vae"


def test_a_container_sees_its_model(cloud: Cloud) -> None:
    cloud.s3.put_object(Bucket="things", Key="weights/a.bin", Body=b"a")
    model = cloud.model(ModelDataSource=source("s3://things/weights/"))
    name = cloud.create(cloud.config(model))
    cloud.reach(name, "InService")
    cloud.s3.delete_object(Bucket="things", Key="weights/a.bin")
    assert list(cloud.output(cloud.submit(name))["files"]) == ["model/a.bin"]
