"""Checks the set-up of an account, and creates what is missing only when told to."""

from enum import StrEnum
from typing import Any, assert_never

from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsError, AwsNotFound
from core.jobs.store.dynamodb import INDEXES, table_definition
from core.settings import Settings
from formats.frozen import Frozen

_BUCKET_RULES: Any = {
    "Rules": [
        {
            "ID": "broken-off-uploads",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
        }
    ]
}


class SetupAction(StrEnum):
    """What this software can do for a check that failed, when told to."""

    CREATE_BUCKET = "create bucket"
    CREATE_TABLE = "create table"


class Check(Frozen):
    """One thing that must be in place, and whether it is."""

    name: str
    ok: bool
    detail: str
    action: SetupAction | None = None
    """What `Setup.perform` can put it in place by; None where only a person can."""


class Setup:
    """The set-up of an account; checks change nothing."""

    def __init__(self, aws: Aws, storage: Storage, settings: Settings) -> None:
        self._aws = aws
        self._storage = storage
        self._settings = settings

    def checks(self) -> tuple[Check, ...]:
        """Everything that must be in place; embedded only the bucket counts."""
        if self._settings.embedded:
            return (self._bucket(),)
        if not self._aws.has_region:
            return (Check(name="Region", ok=False, detail="Set AWS_REGION, such as us-east-1."),)
        account = self._account()
        if not account.ok:
            return (account,)
        return (account, self._bucket(), self._table(), self._role(), self._image())

    def perform(self, action: SetupAction) -> None:
        """Do what a check names. Raises AwsError."""
        match action:
            case SetupAction.CREATE_BUCKET:
                self.create_bucket()
            case SetupAction.CREATE_TABLE:
                self.create_table()
            case _:
                assert_never(action)

    def create_bucket(self) -> None:
        """Create the bucket, closed to the public; interrupted uploads are removed after 3 days."""
        bucket, region = self._settings.bucket, self._aws.region
        location: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        if region == "us-east-1":  # which S3 doesn't take as a location
            location = {}
        try:
            with translate_errors(f"Creating the bucket {bucket}"):
                self._aws.s3.create_bucket(Bucket=bucket, **location)
        except AwsConflict:
            return
        if not self._settings.embedded:
            self._close_to_public(bucket)
        with translate_errors(f"Setting up the bucket {bucket}"):
            self._aws.s3.put_bucket_lifecycle_configuration(
                Bucket=bucket, LifecycleConfiguration=_BUCKET_RULES
            )

    def create_table(self) -> None:
        """Create the table of the job list and wait until it can be used (about 20 s on AWS)."""
        client = self._aws.dynamodb()
        try:
            with translate_errors(f"Creating the table {self._settings.table}"):
                client.create_table(**table_definition(self._settings.table))
        except AwsConflict:
            return
        with translate_errors(f"Waiting for the table {self._settings.table}"):
            client.get_waiter("table_exists").wait(
                TableName=self._settings.table, WaiterConfig={"Delay": 2, "MaxAttempts": 60}
            )

    def _close_to_public(self, bucket: str) -> None:
        with translate_errors(f"Closing the bucket {bucket} to the public"):
            self._aws.s3.put_public_access_block(
                Bucket=bucket,
                PublicAccessBlockConfiguration={
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": True,
                    "RestrictPublicBuckets": True,
                },
            )

    def _account(self) -> Check:
        try:
            with translate_errors("Asking AWS who you are"):
                who = self._aws.sts().get_caller_identity()
        except AwsError as error:
            return Check(name="Credentials", ok=False, detail=str(error))
        detail = f"{who['Arn']} in {self._aws.region}"
        return Check(name="Credentials", ok=True, detail=detail)

    def _bucket(self) -> Check:
        name = f"S3 bucket {self._settings.bucket}"
        try:
            exists = self._storage.exists()
        except AwsError as error:
            advice = "Choose another name with CONTRAPPOSTO_BUCKET if it belongs to somebody else."
            return Check(name=name, ok=False, detail=f"{error} {advice}")
        if exists:
            return Check(name=name, ok=True, detail="is there")
        return Check(name=name, ok=False, detail="is missing", action=SetupAction.CREATE_BUCKET)

    def _table(self) -> Check:
        name = f"DynamoDB table {self._settings.table}"
        try:
            with translate_errors("Looking at the table"):
                found = self._aws.dynamodb().describe_table(TableName=self._settings.table)
        except AwsNotFound:
            return Check(name=name, ok=False, detail="is missing", action=SetupAction.CREATE_TABLE)
        except AwsError as error:
            return Check(name=name, ok=False, detail=str(error))
        indexes = {index["IndexName"] for index in found["Table"].get("GlobalSecondaryIndexes", ())}
        if lacking := ", ".join(sorted(INDEXES - indexes)):
            advice = "Choose another table with CONTRAPPOSTO_TABLE, and it is created here."
            return Check(name=name, ok=False, detail=f"lacks the indexes {lacking}. {advice}")
        return Check(name=name, ok=True, detail="is there")

    def _role(self) -> Check:
        role = self._settings.endpoint_role
        detail = (
            role or "Set CONTRAPPOSTO_ENDPOINT_ROLE to the ARN of the role endpoints run under."
        )
        return Check(name="Endpoint role", ok=bool(role), detail=detail)

    def _image(self) -> Check:
        image = self._settings.image
        detail = image or "Push the container to ECR and set CONTRAPPOSTO_IMAGE to its address."
        return Check(name="Container image", ok=bool(image), detail=detail)
