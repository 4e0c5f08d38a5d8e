"""Checks whose the credentials are; the account's number is what a role's ARN is compared with."""

from typing import Any

from core.aws.client import translate_errors
from core.aws.error_table import is_of_credentials
from core.errors import AwsError
from core.setup.checks import Check, explain, failed, in_place, not_checked
from core.texts import setup as texts


class Account:
    """The account of these credentials, asked once."""

    def __init__(self, sts: Any, region: str) -> None:
        self._sts = sts
        self._region = region
        self.number = ""
        """12 digits; empty before it was asked, and where STS does not tell."""
        self.is_refused = False
        """Whether the credentials themselves are: then every other call is refused likewise."""

    def check(self) -> Check:
        """Whose they are. Jobs don't need STS: where it is silent, they may run nevertheless."""
        name, permission = texts.CREDENTIALS, "sts:GetCallerIdentity"
        try:
            with translate_errors(texts.IDENTITY_FAILED):
                who = self._sts.get_caller_identity()
        except AwsError as error:
            self.is_refused = is_of_credentials(error)
            if self.is_refused:
                return failed(name, explain(error, permission))
            return not_checked(name, error, permission)
        self.number = who["Account"]
        return in_place(name, texts.identity(who["Arn"], self._region))
