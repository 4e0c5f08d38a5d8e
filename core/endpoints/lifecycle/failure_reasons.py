"""Knows what to do about the reasons that SageMaker gives for a failure."""

import re
from typing import Final

from core.texts import lifecycle as texts

_ADVICE: Final = (
    (
        r"CannotStartContainer|unsatisfied condition: cuda|forward compatibility|driver",
        texts.DRIVER_TOO_OLD,
    ),
    (r"ping health check", texts.READ_THE_LOG),
    (
        r"[Cc]ross.region|repository .*(not exist|not found)|ECR|image .*(not found|does not exist)"
        r"|pull",
        texts.CHECK_THE_IMAGE,
    ),
    (r"\bKMS\b|kms:", texts.CHECK_THE_KEY),
    (r"model data|ModelDataUrl|s3://|bucket", texts.CHECK_THE_BUCKET),
    (r"[Aa]ccess ?[Dd]enied|not authorized|AssumeRole|assume", texts.CHECK_THE_ROLE),
    (r"subnet|security group|VPC|network interface", texts.CHECK_THE_VPC),
    (r"No space left|disk", texts.DISK_IS_FULL),
)
"""The first that fits counts. Public reports of each: aws/deep-learning-containers#6187 (driver),
aws/sagemaker-python-sdk#1554 (ping), ed-donner/alex#30 (region of the image), mlflow/mlflow#2573
(bucket), aws/sagemaker-python-sdk#1253 (role and key), #1142
(VPC),
huggingface/text-generation-inference#694 (disk)."""


def advice_on(reason: str) -> str:
    """What to do about a FailureReason; the log where it is none that is known."""
    if not reason:
        return ""
    found = (advice for pattern, advice in _ADVICE if re.search(pattern, reason))
    return next(found, texts.READ_THE_LOG)
