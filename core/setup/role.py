"""Checks the role that endpoints run under: that it is there and that SageMaker can take it on."""

import re
from typing import Any, Final

from core.aws.client import translate_errors
from core.errors import AwsError, AwsNotFound
from core.setup.checks import Check, failed, in_place, not_checked
from core.texts import setup as texts

_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):role/(?:[\w+=,.@/-]+/)?(?P<name>[\w+=,.@-]+)",
    re.ASCII,
)
_SERVICE: Final = "sagemaker.amazonaws.com"
_ASSUME: Final = {"sts:assumerole", "sts:*", "*"}
"""In lower case: IAM does not tell them apart."""


def check_role(role: str, account: str, iam: Any) -> Check:
    """The role with that ARN, for the account with those 12 digits, or where it is "", any."""
    name = texts.ENDPOINT_ROLE
    found = _ARN.fullmatch(role)
    if not role:
        return failed(name, texts.SET_ENDPOINT_ROLE)
    if not found:
        return failed(name, texts.no_role_arn(role))
    if account and found["account"] != account:
        return failed(name, texts.role_elsewhere(role, account))
    try:
        with translate_errors(texts.ROLE_CHECK_FAILED):
            answer = iam.get_role(RoleName=found["name"])
    except AwsNotFound:
        return failed(name, texts.role_is_missing(role))
    except AwsError as error:
        return not_checked(name, error, "iam:GetRole")
    return _check_found(role, answer["Role"])


def _check_found(role: str, found: Any) -> Check:
    if found["Arn"] != role:
        return failed(texts.ENDPOINT_ROLE, texts.role_of_another_arn(role, found["Arn"]))
    if not _trusts_sagemaker(found["AssumeRolePolicyDocument"]):
        return failed(texts.ENDPOINT_ROLE, texts.role_does_not_trust(role, _SERVICE))
    return in_place(texts.ENDPOINT_ROLE, role)


def _trusts_sagemaker(policy: Any) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and _ASSUME & {action.lower() for action in _listed(statement.get("Action", ()))}
        and isinstance(statement.get("Principal"), dict)
        and _SERVICE in _listed(statement["Principal"].get("Service", ()))
        for statement in _listed(policy.get("Statement", ()))
    )


def _listed(value: Any) -> Any:
    """IAM takes a list of one without its brackets."""
    return [value] if isinstance(value, (str, dict)) else value
