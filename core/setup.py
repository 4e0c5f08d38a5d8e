"""Checks the set-up of an account, and creates what is missing only when told to."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsError, AwsNotFound
from core.jobs.store.dynamodb import table_definition
from core.records.dynamodb import records_table_definition
from core.settings import Settings
from core.texts import setup as texts
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

_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_ECR_IMAGE: Final = re.compile(
    r"\d{12}\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/[a-z0-9][a-z0-9._/-]*(:[\w.-]{1,128})?(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)


class SetupAction(StrEnum):
    """What this software can do for a check that failed, when told to."""

    CREATE_BUCKET = "create bucket"
    CREATE_TABLE = "create table"
    CREATE_RECORDS_TABLE = "create records table"


class Check(Frozen):
    """One thing that must be in place, and whether it is."""

    name: str
    ok: bool
    detail: str
    action: SetupAction | None = None
    """What `Setup.perform` can put it in place by; None where only a person can."""


@dataclass(frozen=True)
class _Table:
    """A table that must be there: as CreateTable is asked for it, and the setting that names it."""

    definition: Any
    setting: str
    action: SetupAction

    @property
    def name(self) -> str:
        return str(self.definition["TableName"])


class Setup:
    """The set-up of an account; checks change nothing."""

    def __init__(self, aws: Aws, storage: Storage, settings: Settings) -> None:
        self._aws = aws
        self._storage = storage
        self._settings = settings
        self._jobs_table = _Table(
            table_definition(settings.table), "CONTRAPPOSTO_TABLE", SetupAction.CREATE_TABLE
        )
        self._records_table = _Table(
            records_table_definition(settings.records_table),
            "CONTRAPPOSTO_RECORDS_TABLE",
            SetupAction.CREATE_RECORDS_TABLE,
        )

    def checks(self) -> tuple[Check, ...]:
        """Everything that must be in place; embedded only the bucket counts."""
        if self._settings.embedded:
            return (self._bucket(),)
        if not self._aws.has_region:
            return (Check(name=texts.REGION, ok=False, detail=texts.SET_REGION),)
        account = self._account()
        if not account.ok:
            return (account,)
        tables = (self._table(self._jobs_table), self._table(self._records_table))
        return (account, self._bucket(), *tables, self._role(), self._image())

    def perform(self, action: SetupAction) -> None:
        """Do what a check names. Raises AwsError."""
        match action:
            case SetupAction.CREATE_BUCKET:
                self.create_bucket()
            case SetupAction.CREATE_TABLE:
                self._create_table(self._jobs_table)
            case SetupAction.CREATE_RECORDS_TABLE:
                self._create_table(self._records_table)
            case _:
                assert_never(action)

    def create_bucket(self) -> None:
        """Create the bucket, closed to the public; interrupted uploads are removed after 3 days."""
        bucket, region = self._settings.bucket, self._aws.region
        location: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        if region == "us-east-1":  # which S3 doesn't take as a location
            location = {}
        try:
            with translate_errors(texts.creating_bucket_failed(bucket)):
                self._aws.s3.create_bucket(Bucket=bucket, **location)
        except AwsConflict:
            return
        if not self._settings.embedded:
            self._close_to_public(bucket)
        with translate_errors(texts.configuring_bucket_failed(bucket)):
            self._aws.s3.put_bucket_lifecycle_configuration(
                Bucket=bucket, LifecycleConfiguration=_BUCKET_RULES
            )

    def create_tables(self) -> None:
        """Create the tables of jobs and records and wait until they can be used (about 20 s)."""
        self._create_table(self._jobs_table)
        self._create_table(self._records_table)

    def _create_table(self, table: _Table) -> None:
        client = self._aws.dynamodb()
        try:
            with translate_errors(texts.creating_table_failed(table.name)):
                client.create_table(**table.definition)
        except AwsConflict:
            return
        with translate_errors(texts.waiting_for_table_failed(table.name)):
            client.get_waiter("table_exists").wait(
                TableName=table.name, WaiterConfig={"Delay": 2, "MaxAttempts": 60}
            )

    def _close_to_public(self, bucket: str) -> None:
        with translate_errors(texts.closing_bucket_failed(bucket)):
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
            with translate_errors(texts.IDENTITY_FAILED):
                who = self._aws.sts().get_caller_identity()
        except AwsError as error:
            return Check(name=texts.CREDENTIALS, ok=False, detail=str(error))
        detail = texts.identity(who["Arn"], self._aws.region)
        return Check(name=texts.CREDENTIALS, ok=True, detail=detail)

    def _bucket(self) -> Check:
        name = texts.bucket(self._settings.bucket)
        try:
            exists = self._storage.exists()
        except AwsError as error:
            return Check(name=name, ok=False, detail=texts.bucket_is_refused(str(error)))
        if exists:
            return Check(name=name, ok=True, detail=texts.IS_THERE)
        action = SetupAction.CREATE_BUCKET
        return Check(name=name, ok=False, detail=texts.IS_MISSING, action=action)

    def _table(self, table: _Table) -> Check:
        name = texts.table(table.name)
        try:
            with translate_errors(texts.TABLE_CHECK_FAILED):
                found = self._aws.dynamodb().describe_table(TableName=table.name)
        except AwsNotFound:
            return Check(name=name, ok=False, detail=texts.IS_MISSING, action=table.action)
        except AwsError as error:
            return Check(name=name, ok=False, detail=str(error))
        problem = _table_problem(found["Table"], table)
        return Check(name=name, ok=not problem, detail=problem or texts.IS_THERE)

    def _role(self) -> Check:
        role = self._settings.endpoint_role
        ok = bool(_ROLE_ARN.fullmatch(role))
        detail = texts.no_role_arn(role) if role and not ok else role or texts.SET_ENDPOINT_ROLE
        return Check(name=texts.ENDPOINT_ROLE, ok=ok, detail=detail)

    def _image(self) -> Check:
        image = self._settings.image
        found, region = _ECR_IMAGE.fullmatch(image), self._aws.region
        if not image:
            detail = texts.SET_IMAGE
        elif not found:
            detail = texts.no_ecr_image(image)
        elif found["region"] != region:
            detail = texts.image_elsewhere(image, found["region"], region)
        else:
            return Check(name=texts.IMAGE, ok=True, detail=image)
        return Check(name=texts.IMAGE, ok=False, detail=detail)


def _table_problem(found: Any, table: _Table) -> str:
    """Why nothing can be kept in the table that DescribeTable tells of; empty if it can."""
    indexes = {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", ())}
    wanted = {index["IndexName"]: index for index in table.definition["GlobalSecondaryIndexes"]}
    if lacking := sorted(wanted.keys() - indexes):
        return texts.table_lacks_indexes(lacking, table.setting)
    others = [name for name, index in wanted.items() if not _is_alike(indexes[name], index)]
    if found["KeySchema"] != table.definition["KeySchema"] or others:
        return texts.table_of_another_kind(others, table.setting)
    states = [found["TableStatus"], *(index.get("IndexStatus", "") for index in indexes.values())]
    waiting = [state for state in states if state not in {"ACTIVE", "UPDATING", ""}]
    return texts.table_not_active(waiting[0]) if waiting else ""


def _is_alike(found: Any, wanted: Any) -> bool:
    """Whether an index has the keys that queries ask by, and holds the whole record."""
    return bool(
        found["KeySchema"] == wanted["KeySchema"]
        and found["Projection"].get("ProjectionType") == wanted["Projection"]["ProjectionType"]
    )
