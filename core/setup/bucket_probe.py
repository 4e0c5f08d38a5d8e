"""Tries in the bucket what jobs and uploads do there, and leaves nothing behind."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from core.aws.client import translate_errors
from core.aws.storage import Storage
from core.errors import AwsError, AwsNotFound
from core.setup.attempts import Attempts
from core.setup.checks import explain
from core.texts import setup as texts
from formats.keys import PROBES

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_BYTES: Final = b"probe"
_TYPE: Final = "text/plain"
_NO_UPLOAD: Final = "none"
"""Nobody's: S3 looks at the permission first, and then for the upload."""

_STALE: Final = timedelta(hours=1)
"""A probe is over within seconds; what is older was cut off before it was deleted."""


def probe_bucket(s3: "S3Client", storage: Storage, key: str) -> tuple[str, ...]:
    """What can't be done in the bucket, in words; empty where everything can.

    Each step needs the KMS key that encrypts the bucket, where there is one, as jobs do. A refusal
    does not keep the other steps from being tried; any other error ends the probe.
    """
    probe = _Probe(s3, storage, key)
    try:
        probe.run()
    except AwsError as error:
        probe.attempts.problems.append(explain(error, ""))
    return tuple(probe.attempts.problems)


class _Probe:
    def __init__(self, s3: "S3Client", storage: Storage, key: str) -> None:
        self._s3 = s3
        self._storage = storage
        self._key = key
        self.attempts = Attempts()

    def run(self) -> None:
        """Delete comes first, as whoever may not delete must not write a probe."""
        delete = partial(self._storage.delete, (self._key,))
        may_delete = self.attempts.is_allowed("s3:DeleteObject", delete)
        try:
            if may_delete:
                self._try_object()
            self.attempts.is_allowed("s3:ListBucket", self._clear)
            self._try_upload(ends=may_delete)
        finally:
            if may_delete:
                delete()

    def _try_object(self) -> None:
        write = partial(self._storage.write, self._key, _BYTES, _TYPE)
        if self.attempts.is_allowed("s3:PutObject", write):
            self.attempts.is_allowed("s3:GetObject", partial(self._storage.read, self._key))

    def _try_upload(self, *, ends: bool) -> None:
        """Likewise, an upload is begun only by who may abort one, and ended by who may delete."""
        if not self.attempts.is_allowed(
            "s3:AbortMultipartUpload", partial(self._abort, _NO_UPLOAD)
        ):
            return
        begun: list[str] = []
        if not self.attempts.is_allowed("s3:PutObject", lambda: begun.append(self._begin())):
            return
        try:
            self._try_parts(begun[0], ends=ends)
        finally:
            self._abort(begun[0])

    def _try_parts(self, upload: str, *, ends: bool) -> None:
        etags: list[str] = []
        send = partial(self._send_part, upload, etags)
        is_sent = self.attempts.is_allowed("s3:PutObject", send)
        listing = partial(self._list_parts, upload)
        self.attempts.is_allowed("s3:ListMultipartUploadParts", listing)
        if is_sent and ends:
            self.attempts.is_allowed("s3:PutObject", partial(self._complete, upload, etags))

    def _clear(self) -> None:
        """List the probes, and delete those that were cut off."""
        found = self._storage.list(PROBES)
        newest = max((probe.modified for probe in found), default=None)
        stale = [probe.key for probe in found if newest and newest - probe.modified > _STALE]
        if stale:
            self._storage.delete(tuple(stale))

    def _begin(self) -> str:
        with translate_errors(texts.PROBE_UPLOAD_FAILED):
            answer = self._s3.create_multipart_upload(Bucket=self._storage.bucket, Key=self._key)
        return answer["UploadId"]

    def _send_part(self, upload: str, etags: list[str]) -> None:
        """Where a KMS key encrypts the bucket, this asks for `kms:Decrypt` besides."""
        with translate_errors(texts.PROBE_UPLOAD_FAILED):
            answer = self._s3.upload_part(
                Bucket=self._storage.bucket,
                Key=self._key,
                UploadId=upload,
                PartNumber=1,
                Body=_BYTES,
            )
        etags.append(answer["ETag"])

    def _list_parts(self, upload: str) -> None:
        with translate_errors(texts.PROBE_UPLOAD_FAILED):
            self._s3.list_parts(Bucket=self._storage.bucket, Key=self._key, UploadId=upload)

    def _complete(self, upload: str, etags: list[str]) -> None:
        parts: list[CompletedPartTypeDef] = [{"PartNumber": 1, "ETag": etag} for etag in etags]
        with translate_errors(texts.PROBE_UPLOAD_FAILED):
            self._s3.complete_multipart_upload(
                Bucket=self._storage.bucket,
                Key=self._key,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
            )

    def _abort(self, upload: str) -> None:
        """Also one that was completed, of which S3 then knows nothing."""
        with suppress(AwsNotFound), translate_errors(texts.PROBE_UPLOAD_FAILED):
            self._s3.abort_multipart_upload(
                Bucket=self._storage.bucket, Key=self._key, UploadId=upload
            )
