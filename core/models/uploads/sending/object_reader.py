"""Reads objects of any bucket that the role can read: their size, first bytes, and all of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.errors import AwsNotFound, AwsUnreachable
from core.texts.models import uploads as texts
from formats.frozen import Frozen

BLOCK: Final = 1 << 20
_TRIES: Final = 5
"""Breaks of the connection in a row, with not a byte between them."""


class ObjectVersion(Frozen):
    """What S3 has under a key now."""

    bucket: str
    key: str
    etag: str
    size: int
    modified: datetime
    metadata: dict[str, str]

    @property
    def uri(self) -> str:
        """As a person writes it."""
        return f"s3://{self.bucket}/{self.key}"


class ObjectReader:
    """Every method raises a kind of AwsError; AwsConflict where the version is there no more."""

    def __init__(self, aws: Aws) -> None:
        self._s3 = aws.s3

    def find(self, bucket: str, key: str) -> ObjectVersion | None:
        """The object, or None where it is not there."""
        try:
            with translate_errors(texts.reading_source_failed(f"s3://{bucket}/{key}")):
                answer = self._s3.head_object(Bucket=bucket, Key=key)
        except AwsNotFound:
            return None
        return ObjectVersion(
            bucket=bucket,
            key=key,
            etag=answer["ETag"].strip('"'),
            size=answer["ContentLength"],
            modified=answer["LastModified"],
            metadata=answer["Metadata"],
        )

    def read(self, version: ObjectVersion, start: int, size: int) -> bytes:
        """`size` bytes from `start` on, fewer at the object's end."""
        with translate_errors(texts.reading_source_failed(version.uri)):
            data: bytes = self._open(version, start, f"{start + size - 1}")["Body"].read()
            return data

    def blocks(self, version: ObjectVersion) -> Iterator[bytes]:
        """All bytes in blocks of 1 MiB; a connection that breaks is opened again where it broke."""
        done, breaks = 0, 0
        while done < version.size:
            try:
                for block in self._blocks_from(version, done):
                    done, breaks = done + len(block), 0
                    yield block
            except AwsUnreachable:
                breaks += 1
                if breaks >= _TRIES:
                    raise

    def _blocks_from(self, version: ObjectVersion, start: int) -> Iterator[bytes]:
        with translate_errors(texts.reading_source_failed(version.uri)):
            body = self._open(version, start, "")["Body"]
            try:
                yield from body.iter_chunks(BLOCK)
            finally:
                body.close()

    def _open(self, version: ObjectVersion, start: int, end: str) -> Any:
        return self._s3.get_object(
            Bucket=version.bucket,
            Key=version.key,
            IfMatch=version.etag,
            Range=f"bytes={start}-{end}",
        )
