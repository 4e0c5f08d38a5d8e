"""Every S3 call of a multipart upload; each part goes with its SHA-256, which S3 checks."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import IO, TYPE_CHECKING, Final

from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsNotFound
from core.models.uploads.sources import S3Source
from core.texts.models import uploads as texts
from formats.frozen import Frozen

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef, PartTypeDef

CONTENT_TYPE: Final = "application/octet-stream"
LEAST_PART_BYTES: Final = 5 << 20
"""Of every part but the last; also of what S3 copies a range of."""

DAMAGED: Final = frozenset(
    {"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"}
)
"""Codes by which S3 says that a part's bytes are not those of its checksum."""


class StoredPart(Frozen):
    """A part that S3 has: `number` from 1, `size` in bytes, `sha256` in base64."""

    number: int
    size: int
    etag: str
    sha256: str


class OpenUpload(Frozen):
    """A multipart upload that was begun and neither completed nor aborted; time in UTC."""

    key: str
    id: str
    initiated: datetime


class Multipart:
    """The multipart uploads of the bucket. Every method raises a kind of AwsError."""

    def __init__(self, aws: Aws, storage: Storage) -> None:
        self._s3 = aws.s3
        self._bucket = storage.bucket

    def open(self, key: str, metadata: Mapping[str, str]) -> str:
        """Begin one; its id. `metadata` is the object's, in ASCII."""
        with translate_errors(texts.starting_failed(key)):
            answer = self._s3.create_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                ChecksumAlgorithm="SHA256",
                ContentType=CONTENT_TYPE,
                Metadata=metadata,
            )
        return answer["UploadId"]

    def is_open(self, key: str, upload_id: str) -> bool:
        """Whether parts can still be added."""
        try:
            with translate_errors(texts.FINDING_UPLOAD_FAILED):
                self._s3.list_parts(Bucket=self._bucket, Key=key, UploadId=upload_id, MaxParts=1)
        except AwsNotFound:
            return False
        return True

    def parts(self, key: str, upload_id: str) -> dict[int, StoredPart]:
        """The parts that S3 has, by number. Raises AwsNotFound where the upload is over."""
        with translate_errors(texts.LISTING_PARTS_FAILED):
            pages = self._s3.get_paginator("list_parts").paginate(
                Bucket=self._bucket, Key=key, UploadId=upload_id
            )
            found = [part for page in pages for part in page.get("Parts", ())]
        return {part["PartNumber"]: _stored_part(part) for part in found}

    def send(
        self, key: str, upload_id: str, number: int, body: IO[bytes], checksum: str
    ) -> StoredPart:
        """Send one part, from where `body` stands to its end; it must be seekable, as a call
        that fails is sent again. `checksum` is the base64 of its SHA-256."""
        size = size_left(body)
        with translate_errors(texts.sending_part_failed(number, _name(key))):
            answer = self._s3.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=body,
                ChecksumSHA256=checksum,
            )
        return StoredPart(number=number, size=size, etag=answer["ETag"], sha256=checksum)

    def copy(
        self, key: str, upload_id: str, number: int, source: S3Source, start: int, size: int
    ) -> StoredPart:
        """Let S3 copy `size` bytes of another object from `start` on.

        Raises AwsConflict where the object is not that version any more.
        """
        # S3 takes no range of an object below the least size of a part, which is copied whole.
        is_whole = start == 0 and size < LEAST_PART_BYTES
        copy = partial(
            self._s3.upload_part_copy,
            Bucket=self._bucket,
            Key=key,
            UploadId=upload_id,
            PartNumber=number,
            CopySource={"Bucket": source.bucket, "Key": source.key},
            CopySourceIfMatch=source.etag,
        )
        with translate_errors(texts.copying_part_failed(number, source.uri)):
            last = start + size - 1
            answer = copy() if is_whole else copy(CopySourceRange=f"bytes={start}-{last}")
        result = answer["CopyPartResult"]
        checksum = result.get("ChecksumSHA256", "")
        return StoredPart(number=number, size=size, etag=result.get("ETag", ""), sha256=checksum)

    def presign(self, key: str, upload_id: str, number: int, checksum: str, seconds: int) -> str:
        """A URL to which a browser can PUT that part for so many seconds; it must send the header
        `x-amz-checksum-sha256` with `checksum`."""
        with translate_errors(texts.signing_part_failed(number, key)):
            return self._s3.generate_presigned_url(
                "upload_part",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "UploadId": upload_id,
                    "PartNumber": number,
                    "ChecksumSHA256": checksum,
                },
                ExpiresIn=seconds,
            )

    def complete(
        self, key: str, upload_id: str, parts: Sequence[StoredPart], *, replace: bool
    ) -> str:
        """Make the object of its parts; its ETag. Unless `replace`, raises AwsConflict where the
        key is taken: after a lost answer also by this very upload (`is_repeated`)."""
        complete = partial(
            self._s3.complete_multipart_upload,
            Bucket=self._bucket,
            Key=key,
            UploadId=upload_id,
            MultipartUpload={"Parts": [_completed(part) for part in parts]},
        )
        with translate_errors(texts.completing_failed(key)):
            answer = complete() if replace else complete(IfNoneMatch="*")
        return answer["ETag"].strip('"')

    def abort(self, key: str, upload_id: str) -> None:
        """Forget it with its parts; one that is over is no error."""
        try:
            with translate_errors(texts.aborting_failed(key)):
                self._s3.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except AwsNotFound:
            return

    def pending(self, prefix: str) -> tuple[OpenUpload, ...]:
        """Those of keys below a prefix; one call for each thousand."""
        with translate_errors(texts.LISTING_UPLOADS_FAILED):
            pages = self._s3.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            return tuple(
                OpenUpload(key=each["Key"], id=each["UploadId"], initiated=each["Initiated"])
                for page in pages
                for each in page.get("Uploads", ())
            )


def _stored_part(part: "PartTypeDef") -> StoredPart:
    return StoredPart(
        number=part["PartNumber"],
        size=part["Size"],
        etag=part["ETag"],
        sha256=part.get("ChecksumSHA256", ""),
    )


def _completed(part: StoredPart) -> "CompletedPartTypeDef":
    return {"PartNumber": part.number, "ETag": part.etag, "ChecksumSHA256": part.sha256}


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def size_left(body: IO[bytes]) -> int:
    """Bytes from where a seekable stream stands to its end."""
    start = body.tell()
    body.seek(0, os.SEEK_END)
    size = body.tell() - start
    body.seek(start)
    return size
