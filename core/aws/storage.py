"""Reads and writes the bucket: every S3 call but those of the multipart upload."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

from botocore.exceptions import ClientError

from core.aws.client import Aws, translate_errors
from core.errors import AwsConflict, AwsNotFound
from core.texts import aws as texts
from formats.frozen import Frozen

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ErrorTypeDef, GetObjectOutputTypeDef, ObjectTypeDef

_CHUNK: Final = 1 << 20
_DELETE_AT_ONCE: Final = 1000
"""The limit of DeleteObjects, in keys."""


class ObjectSummary(Frozen):
    """An object as a listing has it, without its bytes."""

    key: str
    size: int
    etag: str
    modified: datetime


class ObjectPage(Frozen):
    """At most a thousand objects of a listing, in the order of their keys."""

    objects: tuple[ObjectSummary, ...]
    is_truncated: bool
    """Whether more come behind them."""


class ObjectContent(Frozen):
    """An object's bytes, or the first of them, with its headers."""

    data: bytes
    size: int
    """Of the whole object, in bytes."""
    etag: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class ObjectStream:
    """An object that is passed on chunk by chunk."""

    content_type: str
    length: int
    chunks: Iterator[bytes]


class Storage:
    """The one bucket. Every method raises a kind of AwsError.

    With `for_pages`, where AWS is silent, within seconds; else after boto3's patience.
    """

    def __init__(self, aws: Aws, bucket: str, *, for_pages: bool = False) -> None:
        self._aws = aws
        self._is_for_pages = for_pages
        self._s3 = aws.s3_for_pages if for_pages else aws.s3
        self.bucket = bucket

    def of_bucket(self, bucket: str) -> "Storage":
        """Another bucket, or this one where the name is empty or its own."""
        if bucket in ("", self.bucket):
            return self
        return Storage(self._aws, bucket, for_pages=self._is_for_pages)

    def uri(self, key: str) -> str:
        """The `s3://` URI that other AWS services take."""
        return f"s3://{self.bucket}/{key}"

    def key_of(self, uri: str) -> str:
        """The key of an `s3://` URI. Raises AwsNotFound for another bucket's."""
        prefix = self.uri("")
        if not uri.startswith(prefix):
            raise AwsNotFound(texts.other_bucket(uri, self.bucket))
        return uri.removeprefix(prefix)

    def list(self, prefix: str) -> tuple[ObjectSummary, ...]:
        """All objects below a prefix; one call for each thousand."""
        with translate_errors(texts.listing_failed(prefix)):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix
            )
            return tuple(_summary(item) for page in pages for item in page.get("Contents", ()))

    def folders(self, prefix: str) -> tuple[str, ...]:
        """The prefixes up to the next slash below a prefix; one call for each thousand."""
        with translate_errors(texts.listing_failed(prefix)):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix, Delimiter="/"
            )
            found = (each for page in pages for each in page.get("CommonPrefixes", ()))
            return tuple(each["Prefix"] for each in found)

    def list_page(self, prefix: str, *, after: str) -> ObjectPage:
        """The first thousand objects below a prefix whose keys sort behind `after`; one call."""
        with translate_errors(texts.listing_failed(prefix)):
            page = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix, StartAfter=after)
        objects = tuple(_summary(item) for item in page.get("Contents", ()))
        return ObjectPage(objects=objects, is_truncated=page["IsTruncated"])

    def read(self, key: str, limit: int | None = None) -> ObjectContent:
        """An object's bytes, the first `limit` of them where given."""
        if limit is not None:
            return self.read_range(key, 0, limit)
        with translate_errors(texts.reading_failed(key)):
            answer = self._s3.get_object(Bucket=self.bucket, Key=key)
            return _content(answer, answer["Body"].read())

    def read_range(self, key: str, start: int, size: int) -> ObjectContent:
        """`size` bytes of an object from `start` on, fewer where it ends before."""
        span = f"bytes={start}-{start + size - 1}"
        with translate_errors(texts.reading_failed(key)):
            answer = self._s3.get_object(Bucket=self.bucket, Key=key, Range=span)
            return _content(answer, answer["Body"].read())

    def find(self, key: str) -> ObjectContent | None:
        """An object's bytes, or None where it is not there."""
        try:
            return self.read(key)
        except AwsNotFound:
            return None

    def head(self, key: str) -> ObjectContent | None:
        """An object's headers, without its bytes; None where it is not there."""
        try:
            with translate_errors(texts.head_failed(key)):
                answer = self._s3.head_object(Bucket=self.bucket, Key=key)
        except AwsNotFound:
            return None
        return ObjectContent(
            data=b"",
            size=answer["ContentLength"],
            etag=answer["ETag"].strip('"'),
            metadata=answer["Metadata"],
        )

    def write(self, key: str, data: bytes, content_type: str, *, if_absent: bool = False) -> None:
        """Store an object. With `if_absent`, raises AwsConflict where the key is taken."""
        put = partial(
            self._s3.put_object, Bucket=self.bucket, Key=key, Body=data, ContentType=content_type
        )
        with self._taken_first(key, data), translate_errors(texts.storing_failed(key)):
            put(IfNoneMatch="*") if if_absent else put()

    def replace(self, key: str, data: bytes, content_type: str, etag: str) -> None:
        """Store an object over the version with that ETag.

        Raises AwsConflict where another version is there, AwsNotFound where none is.
        """
        with self._taken_first(key, data), translate_errors(texts.storing_failed(key)):
            self._s3.put_object(
                Bucket=self.bucket, Key=key, Body=data, ContentType=content_type, IfMatch=etag
            )

    @contextmanager
    def _taken_first(self, key: str, data: bytes) -> Iterator[None]:
        """Let a conflict pass that boto3's second try had with its first, whose answer was lost."""
        try:
            yield
        except AwsConflict as error:
            if not error.is_repeated or self.read(key).data != data:
                raise

    def delete(self, keys: tuple[str, ...]) -> None:
        """Remove objects; one that is not there is no error.

        S3 may refuse some of them in an answer that is otherwise good: then the others are gone,
        and the error names the first that stays.
        """
        refused: list[ErrorTypeDef] = []
        for start in range(0, len(keys), _DELETE_AT_ONCE):
            batch = keys[start : start + _DELETE_AT_ONCE]
            with translate_errors(texts.DELETING_FAILED):
                answer = self._s3.delete_objects(
                    Bucket=self.bucket,
                    Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True},
                )
            refused += answer.get("Errors", ())
        if refused:
            _raise_refusal(refused)

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything below a prefix."""
        self.delete(tuple(stored.key for stored in self.list(prefix)))

    def stream(self, key: str) -> ObjectStream:
        """Open an object for passing on, in constant memory."""
        with translate_errors(texts.reading_failed(key)):
            answer = self._s3.get_object(Bucket=self.bucket, Key=key)
        return ObjectStream(
            content_type=answer["ContentType"],
            length=answer["ContentLength"],
            chunks=answer["Body"].iter_chunks(_CHUNK),
        )

    def presign(self, key: str, seconds: int) -> str:
        """A URL from which a browser can read the object for so many seconds.

        Raises AwsDenied where there are no credentials to sign it with.
        """
        with translate_errors(texts.signing_failed(key)):
            return self._s3.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=seconds
            )

    def exists(self) -> bool:
        """Whether the bucket is there and may be used. Raises AwsDenied where it may not."""
        try:
            with translate_errors(texts.bucket_head_failed(self.bucket)):
                self._s3.head_bucket(Bucket=self.bucket)
        except AwsNotFound:
            return False
        return True


def _content(answer: "GetObjectOutputTypeDef", data: bytes) -> ObjectContent:
    return ObjectContent(
        data=data,
        size=_whole_size(answer.get("ContentRange"), answer["ContentLength"]),
        etag=answer["ETag"].strip('"'),
        metadata=answer["Metadata"],
    )


def _summary(item: "ObjectTypeDef") -> ObjectSummary:
    return ObjectSummary(
        key=item["Key"],
        size=item["Size"],
        etag=item["ETag"].strip('"'),
        modified=item["LastModified"],
    )


def _raise_refusal(refused: "list[ErrorTypeDef]") -> NoReturn:
    """Raise DeleteObjects' first error for one key as if the whole call had been refused."""
    first = refused[0]
    with translate_errors(texts.deleting_keys_failed(first.get("Key", ""), len(refused) - 1)):
        code, message = first.get("Code", ""), first.get("Message", "")
        raise ClientError({"Error": {"Code": code, "Message": message}}, "DeleteObjects")


def _whole_size(content_range: str | None, length: int) -> int:
    """The size that `bytes 0-9/1234` names, else the length of the answer."""
    return int(content_range.rpartition("/")[2]) if content_range else length
