"""Installs a model's artefacts below a container's base folder, as SageMaker does in `/opt/ml`.

Uncompressed objects are hard-linked from the object store, so that a checkpoint of 7 GB costs
neither time nor a second 7 GB; across file systems they are copied.
"""

import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local_aws.s3.errors import S3Error
from local_aws.s3.store.object_store import ObjectStore
from local_aws.sagemaker.instances.container import ContainerStartError

_ATTEMPTS = 3  # an object may be replaced between the lookup and the link


class ModelDataError(ContainerStartError):
    """The model data can't be installed."""


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`."""
    parts = urlsplit(uri, allow_fragments=False)
    return parts.netloc, uri.partition("://")[2].partition("/")[2]


def install_model_data(store: ObjectStore, container: Mapping[str, Any], base: Path) -> None:
    """Install all artefacts of a ContainerDefinition below `base`. Raises `ModelDataError`.

    The main source goes to `model/`, each additional one to
    `additional-model-data-sources/<ChannelName>/`.
    """
    model = base / "model"
    model.mkdir(parents=True, exist_ok=True)
    source = (container.get("ModelDataSource") or {}).get("S3DataSource")
    if source:
        _install_source(store, source, model)
    elif container.get("ModelDataUrl"):
        _extract(store, container["ModelDataUrl"], model)
    for additional in container.get("AdditionalModelDataSources") or []:
        channel = base / "additional-model-data-sources" / additional["ChannelName"]
        channel.mkdir(parents=True, exist_ok=True)
        _install_source(store, additional["S3DataSource"], channel)


def _install_source(store: ObjectStore, source: Mapping[str, Any], target: Path) -> None:
    uri = source["S3Uri"]
    if source["CompressionType"] == "Gzip":
        _extract(store, uri, target)
    elif source["S3DataType"] == "S3Object":
        _link(store, uri, target / uri.rpartition("/")[2])
    else:
        _link_prefix(store, uri, target)


def _link_prefix(store: ObjectStore, uri: str, target: Path) -> None:
    bucket, prefix = split_s3_uri(uri)
    keys = [key for key in _list_keys(store, uri) if not key.endswith("/")]
    if not keys:
        raise _download_error(uri)
    for key in keys:
        file = target / key.removeprefix(prefix).lstrip("/")
        if not file.resolve().is_relative_to(target.resolve()):
            raise ModelDataError(f"The object s3://{bucket}/{key} would leave the model's folder.")
        file.parent.mkdir(parents=True, exist_ok=True)
        _link(store, f"s3://{bucket}/{key}", file)


def _list_keys(store: ObjectStore, uri: str) -> Iterator[str]:
    bucket, prefix = split_s3_uri(uri)
    try:
        yield from store.iter_keys(bucket, prefix)
    except S3Error as error:
        raise _download_error(uri) from error


def _link(store: ObjectStore, uri: str, file: Path) -> None:
    for _ in range(_ATTEMPTS):
        try:
            blob = store.path(*split_s3_uri(uri))
            file.unlink(missing_ok=True)
            _link_or_copy(blob, file)
        except FileNotFoundError:
            continue
        except S3Error as error:
            raise _download_error(uri) from error
        return
    raise _download_error(uri)


def _link_or_copy(blob: Path, file: Path) -> None:
    try:
        os.link(blob, file)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(blob, file)


def _extract(store: ObjectStore, uri: str, target: Path) -> None:
    try:
        with (
            store.reader(*split_s3_uri(uri)) as (_, file),
            tarfile.open(fileobj=file, mode="r:gz") as archive,
        ):
            archive.extractall(target, filter="data")
    except S3Error as error:
        raise _download_error(uri) from error
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ModelDataError(f'Failed to extract model data archive from URL "{uri}".') from error


def _download_error(uri: str) -> ModelDataError:
    return ModelDataError(
        f'Failed to download model data from URL: "{uri}". '
        "Please ensure that there is an object located at the URL."
    )
