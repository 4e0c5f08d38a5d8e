"""Owns who owns every bucket and object: the one account there is."""

import re
from collections.abc import Mapping
from typing import Final

from local_aws.arns import ACCOUNT_ID
from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml

_EXPECTED: Final = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")
_ACCOUNT_ID: Final = re.compile(r"\d{12}")
_OWNER_ID: Final = "local"


def owner(element: str = "Owner") -> str:
    """The owner, as an element of a document."""
    return xml.tag(element, xml.leaf("ID", _OWNER_ID), xml.leaf("DisplayName", _OWNER_ID))


def access_control_policy() -> bytes:
    """The ACL of everything: full control for the owner, nothing for others."""
    grantee = (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:type="CanonicalUser">{xml.leaf("ID", _OWNER_ID)}'
        f"{xml.leaf('DisplayName', _OWNER_ID)}</Grantee>"
    )
    grant = xml.tag("Grant", grantee, xml.leaf("Permission", "FULL_CONTROL"))
    return xml.document("AccessControlPolicy", owner(), xml.tag("AccessControlList", grant))


def require_owner(headers: Mapping[str, str]) -> None:
    """Raises AccessDenied when a request expects another owner, and
    InvalidBucketOwnerAWSAccountID when what it expects is no account.
    """
    for name in _EXPECTED:
        expected = headers.get(name, ACCOUNT_ID)
        if not _ACCOUNT_ID.fullmatch(expected):
            raise S3Error("InvalidBucketOwnerAWSAccountID")
        if expected != ACCOUNT_ID:
            raise S3Error("AccessDenied")
