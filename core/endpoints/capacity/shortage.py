"""Recognises in AWS's words why an account can't have an instance."""

import re
from enum import StrEnum
from typing import Final


class Shortage(StrEnum):
    """Why there is no instance."""

    QUOTA = "quota"
    CAPACITY = "capacity"
    NOT_OFFERED = "not offered"
    """AWS has no such type in this region, or not for such endpoints."""


_WORDS: Final = {
    Shortage.QUOTA: re.compile(r"ResourceLimitExceeded|account-level service limit"),
    Shortage.CAPACITY: re.compile(
        r"InsufficientInstanceCapacity|InsufficientCapacity|Unable to provision requested ML "
        r"compute capacity"
    ),
    Shortage.NOT_OFFERED: re.compile(
        r"[Ii]nstance ?[Tt]ype.* (not|n't) (be )?(supported|available|offered|allowed)"
    ),
}
"""As CreateEndpoint's error and DescribeEndpoint's FailureReason have them:
aws/amazon-sagemaker-examples#307, aws/deep-learning-containers#6411."""


def shortage_of(words: str) -> Shortage | None:
    """The shortage that an error, or a failure's reason, is about; None where it is another."""
    return next((kind for kind, pattern in _WORDS.items() if pattern.search(words)), None)
