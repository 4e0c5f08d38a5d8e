"""The one S3 bucket that the container reads and writes; boto3's errors are translated here."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import RetriesExceededError
from s3transfer.futures import TransferFuture
from s3transfer.manager import TransferConfig, TransferManager
from s3transfer.subscribers import BaseSubscriber

from formats.generation.result import ErrorCode
from formats.s3_encryption import encrypt_writes
from sagemaker_container.errors import JobError
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.texts import storage as texts

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_TRANSFERS: Final = TransferConfig(
    multipart_threshold=64 * 2**20, multipart_chunksize=64 * 2**20, max_request_concurrency=8
)
_CHECK_SECONDS: Final = 0.5
_CONFIG: Final = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 4},
    max_pool_connections=64,
)
_NOT_FOUND: Final = {"404", "NoSuchKey", "NotFound"}
_CHANGED: Final = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict"}
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class S3Object:
    """What S3 says about an object."""

    key: str
    etag: str
    size: int
    sha256: str | None
    """From the object's metadata, if it was stored with one."""
    local_path: Path | None = None
    """The file that holds the bytes, if S3 runs on this machine and says so."""


class ObjectChanged(Exception):
    """The object was replaced between two reads of it."""


class ContainerBucket:
    """The bucket, through any S3 client. Every method raises JobError(STORAGE) when S3 fails."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self._name = name
        self._transfers = TransferManager(client, _TRANSFERS)
        host = urlsplit(client.meta.endpoint_url).hostname
        self._is_local = host in _LOOPBACK

    @classmethod
    def connect(cls, settings: ContainerSettings) -> "ContainerBucket":
        """The bucket of the settings; credentials and endpoint come from boto3's own sources."""
        client = boto3.session.Session(region_name=settings.region).client("s3", config=_CONFIG)
        encrypt_writes(client, settings.kms_key or "")
        return cls(client, settings.bucket)

    def head(self, key: str) -> S3Object | None:
        """What S3 says about the object at `key`, or None if there is none."""
        with _translate_errors(key):
            answer = self._client.head_object(Bucket=self._name, Key=key)
            path = answer["ResponseMetadata"]["HTTPHeaders"].get("x-local-path")
            return S3Object(
                key=key,
                etag=answer["ETag"],
                size=answer["ContentLength"],
                sha256=answer["Metadata"].get("sha256"),
                local_path=Path(path) if path and self._is_local else None,
            )
        return None

    def exists(self, key: str) -> bool:
        """Whether there is an object at `key`."""
        return self.head(key) is not None

    def get(self, key: str, *, limit: int) -> bytes | None:
        """An object's bytes, or None if there is none. Raises JobError(TOO_LARGE)."""
        with _translate_errors(key):
            answer = self._client.get_object(Bucket=self._name, Key=key)
            if answer["ContentLength"] > limit:
                answer["Body"].close()
                raise JobError(ErrorCode.TOO_LARGE, texts.object_too_large(key, limit))
            return answer["Body"].read()
        return None

    def read_start(self, found: S3Object, size: int) -> bytes:
        """The object's first `size` bytes. Raises ObjectChanged if it was replaced since."""
        with _translate_errors(found.key):
            answer = self._client.get_object(
                Bucket=self._name,
                Key=found.key,
                IfMatch=found.etag,
                Range=f"bytes=0-{size - 1}",
            )
            return answer["Body"].read()
        raise ObjectChanged(found.key)

    def download(
        self,
        found: S3Object,
        path: Path,
        check: Callable[[], None],
        received: Callable[[int], None] = lambda _bytes: None,
    ) -> None:
        """Write the object to `path`, in parallel parts; `check` is called now and then, and
        `received` with the bytes that have come since, on other threads.

        What `check` raises ends the download. Raises ObjectChanged, and the disk's OSError.
        """
        subscriber = _DownloadSubscriber(found, received)
        future = self._transfers.download(self._name, found.key, str(path), None, [subscriber])
        try:
            while not subscriber.done.wait(_CHECK_SECONDS):
                check()
        finally:
            future.cancel()  # does nothing to one that is done
        with _translate_errors(found.key):
            future.result()
            return
        raise ObjectChanged(found.key)

    def put(
        self,
        key: str,
        data: bytes,
        content_type: str,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Store an object, and replace the one that was there."""
        with _translate_errors(key):
            self._client.put_object(
                Bucket=self._name,
                Key=key,
                Body=data,
                ContentType=content_type,
                Metadata=dict(metadata),  # boto3 takes no other mapping
            )

    def delete(self, key: str) -> None:
        """Remove an object; one that isn't there is no error."""
        with _translate_errors(key):
            self._client.delete_object(Bucket=self._name, Key=key)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Store an object only if there is none yet. Returns whether it was stored."""
        try:
            with _translate_errors(key):
                self._client.put_object(
                    Bucket=self._name, Key=key, Body=data, ContentType=content_type, IfNoneMatch="*"
                )
        except ObjectChanged:
            return False
        return True


class _DownloadSubscriber(BaseSubscriber):
    """Gives a download the size and etag that are known already; `done` is set at its end."""

    def __init__(self, found: S3Object, received: Callable[[int], None]) -> None:
        self._found = found
        self._received = received
        self.done = threading.Event()

    def on_progress(
        self,
        future: TransferFuture,  # noqa: ARG002 - s3transfer gives it by its name
        bytes_transferred: int,
        **_: Any,
    ) -> None:
        self._received(bytes_transferred)

    def on_queued(self, future: TransferFuture, **_: Any) -> None:
        future.meta.provide_transfer_size(self._found.size)
        future.meta.provide_object_etag(self._found.etag)

    def on_done(self, *_: Any, **__: Any) -> None:
        self.done.set()


@contextmanager
def _translate_errors(key: str) -> Iterator[None]:
    """A missing object ends the block silently; any other failure becomes one of our errors."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _CHANGED:
            raise ObjectChanged(key) from error
        if code not in _NOT_FOUND:
            raise JobError(ErrorCode.STORAGE, texts.refused(key, code)) from error
    except (BotoCoreError, RetriesExceededError) as error:
        kind = type(error).__name__
        raise JobError(ErrorCode.STORAGE, texts.unreachable(key, kind)) from error
