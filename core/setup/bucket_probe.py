"""Tries in the bucket what jobs and uploads do there, and leaves nothing behind."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from core.aws.client import translate_errors
from core.aws.error_table import is_of_credentials
from core.aws.storage import Storage
from core.errors import AwsDenied, AwsError, AwsNotFound, AwsUnreachable
from core.setup.checks import explain
from core.texts import setup as texts
from formats.keys import PROBES

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_TYPE: Final = "text/plain"
_STALE: Final = timedelta(hours=1)
"""A probe is over within seconds; what is older was cut off before it was deleted."""


def probe_bucket(s3: "S3Client", storage: Storage, key: str) -> tuple[str, ...]:
    """What can't be done in the bucket, in words; empty where everything can.

    A refusal does not keep the other steps from being tried; any other error ends the probe.
    """
    probe = _Probe(s3, storage, key)
    try:
        probe.try_object()
        probe.try_upload()
    except AwsError as error:
        probe.problems.append(explain(error, ""))
    return tuple(probe.problems)


class _Probe:
    def __init__(self, s3: "S3Client", storage: Storage, key: str) -> None:
        self._s3 = s3
        self._storage = storage
        self._key = key
        self.problems: list[str] = []

    def try_object(self) -> None:
        """Delete comes first, as whoever may not delete must not write a probe."""
        delete = partial(self._storage.delete, (self._key,))
        if not self._is_allowed("s3:DeleteObject", delete):
            self._is_allowed("s3:ListBucket", self._clear)
            return
        try:
            write = partial(self._storage.write, self._key, b"probe", _TYPE)
            if self._is_allowed("s3:PutObject", write):
                self._is_allowed("s3:GetObject", partial(self._storage.read, self._key))
            self._is_allowed("s3:ListBucket", self._clear)
        finally:
            delete()

    def try_upload(self) -> None:
        """Likewise, an upload is begun only by who may abort one."""
        if not self._is_allowed("s3:AbortMultipartUpload", self._abort_none):
            return
        begun: list[str] = []
        if not self._is_allowed("s3:PutObject", lambda: begun.append(self._begin())):
            return
        try:
            self._is_allowed("s3:ListMultipartUploadParts", lambda: self._list_parts(begun[0]))
        finally:
            self._abort(begun[0])

    def _is_allowed(self, permission: str, call: Callable[[], object]) -> bool:
        try:
            call()
        except AwsDenied as error:
            if is_of_credentials(error):
                raise
            self.problems.append(explain(error, permission))
            return False
        return True

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

    def _list_parts(self, upload: str) -> None:
        with translate_errors(texts.PROBE_UPLOAD_FAILED):
            self._s3.list_parts(Bucket=self._storage.bucket, Key=self._key, UploadId=upload)

    def _abort(self, upload: str) -> None:
        with translate_errors(texts.PROBE_UPLOAD_FAILED):
            self._s3.abort_multipart_upload(
                Bucket=self._storage.bucket, Key=self._key, UploadId=upload
            )

    def _abort_none(self) -> None:
        """Abort an upload that there is not: S3 looks at the permission first."""
        try:
            self._abort("none")
        except (AwsDenied, AwsUnreachable):
            raise
        except AwsError as error:
            if not isinstance(error, AwsNotFound) and is_of_credentials(error):
                raise
