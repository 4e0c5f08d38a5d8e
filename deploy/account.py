"""The clients that a deployment uses, in the account and region of whoever deploys."""

from functools import cached_property
from typing import Any

from core.aws.client import Aws, translate_errors
from deploy import texts


class Account:
    """Makes each client when it is first used."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.region = aws.region

    def client(self, service: str) -> Any:
        """A client with boto3's own limits: a deployment has time."""
        session: Any = self.aws.session
        return session.client(service)

    @cached_property
    def number(self) -> str:
        """The account's 12 digits. Raises AwsError."""
        with translate_errors(texts.READING_ACCOUNT_FAILED):
            return str(self.client("sts").get_caller_identity()["Account"])
