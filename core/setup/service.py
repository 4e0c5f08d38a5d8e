"""Checks the set-up of an account, and creates what is missing only when told to."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, assert_never

from core.aws.client import Aws, translate_errors
from core.aws.storage import Storage
from core.errors import AwsError
from core.settings import Settings
from core.setup.bucket import BucketSetup
from core.setup.checks import Check, SetupAction, explain, failed, in_place
from core.setup.image import check_image
from core.setup.role import check_role
from core.setup.table import check_table, create_table
from core.texts import setup as texts


class Setup:
    """The set-up of an account; its checks leave nothing behind, and answer within seconds."""

    def __init__(self, aws: Aws, storage: Storage, settings: Settings) -> None:
        self._aws = aws
        self._settings = settings
        self._bucket = BucketSetup(aws, storage)

    def checks(self) -> tuple[Check, ...]:
        """Everything that must be in place; embedded only the bucket counts."""
        if self._settings.embedded:
            return (self._bucket.existence(),)
        if not self._aws.has_region:
            return (failed(texts.REGION, texts.SET_REGION),)
        try:
            with translate_errors(texts.IDENTITY_FAILED):
                who = self._aws.client_for_pages("sts").get_caller_identity()
        except AwsError as error:
            return (failed(texts.CREDENTIALS, explain(error, "sts:GetCallerIdentity")),)
        identity = in_place(texts.CREDENTIALS, texts.identity(who["Arn"], self._aws.region))
        return (identity, *self._of_account(who["Account"]))

    def perform(self, action: SetupAction) -> None:
        """Do what a check names; again is harmless. Raises AwsError."""
        match action:
            case SetupAction.CREATE_BUCKET:
                self.create_bucket()
            case SetupAction.CLOSE_BUCKET:
                self._bucket.rules.close_to_public()
            case SetupAction.SET_LIFECYCLE:
                self._bucket.rules.set_lifecycle()
            case SetupAction.CREATE_TABLE:
                self.create_table()
            case _:
                assert_never(action)

    def create_bucket(self) -> None:
        """Create the bucket and set its rules. Raises AwsError."""
        self._bucket.create(is_public_access_blocked=not self._settings.embedded)

    def create_table(self) -> None:
        """Create the table of the job list. Raises AwsError."""
        create_table(self._settings.table, self._aws)

    def _of_account(self, account: str) -> tuple[Check, ...]:
        """The services are asked at the same time, as each may keep the page waiting."""
        settings, region = self._settings, self._aws.region
        table: Any = self._aws.dynamodb(for_pages=True)
        iam, ecr = self._aws.client_for_pages("iam"), self._aws.client_for_pages("ecr")
        asked: tuple[Callable[[], tuple[Check, ...]], ...] = (
            self._bucket.checks,
            lambda: (check_table(settings.table, table),),
            lambda: (check_role(settings.endpoint_role, account, iam),),
            lambda: (check_image(settings.image, region, settings.instance_type, ecr),),
        )
        with ThreadPoolExecutor(len(asked)) as pool:
            answers = [pool.submit(ask) for ask in asked]
            return tuple(check for answer in answers for check in answer.result())
