"""Checks the bucket: that it is there, in the right region, and can be used; creates it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from core.aws.client import Aws, translate_errors
from core.aws.error_table import is_of_credentials, permission_named
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsDenied, AwsError, AwsNotFound, AwsUnreachable
from core.ids import new_id
from core.setup.bucket_probe import probe_bucket
from core.setup.bucket_rules import BucketRules
from core.setup.checks import (
    Check,
    SetupAction,
    explain,
    failed,
    in_place,
)
from core.texts import aws as aws_texts
from core.texts import setup as texts
from formats.keys import probe_key

if TYPE_CHECKING:
    from collections.abc import Mapping


class BucketSetup:
    """The bucket's part of the set-up."""

    def __init__(self, aws: Aws, storage: Storage) -> None:
        self._aws = aws
        self._s3 = aws.s3_for_pages
        self._storage = storage
        self._bucket = storage.bucket
        self._name = texts.bucket(storage.bucket)
        self.rules = BucketRules(aws, storage.bucket)

    def existence(self) -> Check:
        """Whether the bucket is there, in the region of the endpoints."""
        try:
            region = self._region()
        except AwsNotFound:
            return failed(self._name, texts.IS_MISSING, SetupAction.CREATE_BUCKET)
        except AwsUnreachable as error:
            return failed(self._name, str(error))
        except AwsError as error:
            return self._refused(error)
        if region != self._aws.region:
            return failed(self._name, texts.bucket_elsewhere(region, self._aws.region))
        return in_place(self._name)

    def use(self) -> Check:
        """Whether jobs and uploads can do there what they do."""
        name = texts.bucket_use(self._bucket)
        problems = probe_bucket(self._s3, self._storage, probe_key(new_id()))
        return failed(name, " ".join(problems)) if problems else in_place(name, texts.CAN_BE_USED)

    def create(
        self, *, is_public_access_blocked: bool, team: str, origins: Sequence[str] = ()
    ) -> None:
        """Create the bucket, closed to the public; interrupted uploads are removed after 3 days.

        With a `team`, the bucket is tagged as its cost; pages of the `origins` may send parts of
        model files to it.

        Each step is done whatever became of the others, and again without harm. Raises AwsError,
        the first step's.
        """
        self._create_bucket()
        steps: list[Callable[[], None]] = [self.rules.set_lifecycle]
        if is_public_access_blocked:
            steps.insert(0, self.rules.close_to_public)
        if origins:
            steps.append(partial(self.rules.set_cors, origins))
        if team:
            steps.append(partial(self.rules.set_tags, team))
        errors = [error for step in steps if (error := _error(step))]
        if errors:
            raise errors[0]

    def _create_bucket(self) -> None:
        location: Any = {"CreateBucketConfiguration": {"LocationConstraint": self._aws.region}}
        if self._aws.region == "us-east-1":  # which S3 doesn't take as a location
            location = {}
        try:
            with translate_errors(texts.creating_bucket_failed(self._bucket)):
                self._s3.create_bucket(Bucket=self._bucket, **location)
        except AwsConflict:
            return

    def _region(self) -> str:
        """The region that HeadBucket names, also where it says 301 or 400 for being elsewhere."""
        with translate_errors(aws_texts.bucket_head_failed(self._bucket)):
            try:
                answer: Any = self._s3.head_bucket(Bucket=self._bucket)
            except ClientError as error:
                region = _region_header(error.response)
                if _status(error.response) in {301, 400} and region not in ("", self._aws.region):
                    return region
                raise
        return answer.get("BucketRegion") or _region_header(answer) or self._aws.region

    def _refused(self, head_error: AwsError) -> Check:
        """Why HeadBucket was refused: its answer has a status and no words, so a listing is asked
        for, which needs the same permission."""
        try:
            with translate_errors(aws_texts.bucket_head_failed(self._bucket)):
                self._s3.list_objects_v2(Bucket=self._bucket, MaxKeys=1)
        except AwsNotFound:
            return failed(self._name, texts.IS_MISSING, SetupAction.CREATE_BUCKET)
        except AwsError as error:
            return failed(self._name, _why_refused(error))
        return failed(self._name, explain(head_error, "s3:ListBucket"))


def _why_refused(error: AwsError) -> str:
    """AWS names the permission to those of the bucket's own account alone."""
    detail = explain(error, "s3:ListBucket")
    is_plain = isinstance(error, AwsDenied) and not is_of_credentials(error)
    if is_plain and not permission_named(str(error)):
        return texts.bucket_is_refused(detail)
    return detail


def _error(step: Any) -> AwsError | None:
    try:
        step()
    except AwsError as error:
        return error
    return None


def _region_header(response: "Mapping[str, Any]") -> str:
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get("x-amz-bucket-region", ""))


def _status(response: "Mapping[str, Any]") -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
