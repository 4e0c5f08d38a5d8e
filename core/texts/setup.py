"""Texts of the set-up: the settings, and what must be in place in the account."""

from collections.abc import Iterable
from typing import Final, LiteralString

# ---- the settings


def wrong_setting(name: str, why: str) -> str:
    """A variable of the environment, and pydantic's words; without its value."""
    return f"{name} can't be used: {why}"


def wrong_settings(wrong: Iterable[str]) -> str:
    """All of them at once."""
    return f"{'; '.join(wrong)}. docs/settings.md tells what is possible."


def short_secret(least: int) -> LiteralString:
    """A key that can be guessed."""
    return f"it must be empty or have {least} bytes at least. Make one with `openssl rand -hex 32`"


NO_EMBEDDED_AWS: Final = (
    "CONTRAPPOSTO_BACKEND=embedded can't be used: the embedded AWS is not installed here. "
    "Set CONTRAPPOSTO_BACKEND=aws to use your account, as the hosted image does, or start the "
    "studio with `make run`, which installs requirements-local.txt."
)

# ---- the checks
REGION: Final = "Region"
SET_REGION: Final = "Set AWS_REGION, such as us-east-1."
CREDENTIALS: Final = "Credentials"
ENDPOINT_ROLE: Final = "Endpoint role"
SET_ENDPOINT_ROLE: Final = (
    "Set CONTRAPPOSTO_ENDPOINT_ROLE to the ARN of the role endpoints run under."
)
IMAGE: Final = "Container image"
SET_IMAGE: Final = "Push the container to ECR and set CONTRAPPOSTO_IMAGE to its address."
IS_THERE: Final = "is there"
IS_MISSING: Final = "is missing"


def bucket(name: str) -> str:
    """The check of the bucket."""
    return f"S3 bucket {name}"


def table(name: str) -> str:
    """The check of a table."""
    return f"DynamoDB table {name}"


def identity(arn: str, region: str) -> str:
    """Whose the credentials are, and where they are used."""
    return f"{arn} in {region}"


def bucket_is_refused(error: str) -> str:
    """The bucket may not be used; `error` is the whole message."""
    return f"{error} Choose another name with CONTRAPPOSTO_BUCKET if it belongs to somebody else."


def table_lacks_indexes(names: Iterable[str], setting: str) -> str:
    """The table is another one's, or of an older version; `setting` names the table."""
    return (
        f"lacks the indexes {', '.join(names)}. Choose another table with {setting}, "
        "and it is created here."
    )


def table_of_another_kind(indexes: Iterable[str], setting: str) -> str:
    """Keys or projections are not those that are asked by; `setting` names the table."""
    names = ", ".join(indexes)
    which = f"its indexes {names} have other keys or don't hold whole records" if names else ""
    return (
        f"is of another kind: {which or 'it has another key'}. Choose another table with "
        f"{setting}, and it is created here."
    )


def table_not_active(status: str) -> str:
    """The table, or an index of it, is being made or removed."""
    return f"is {status}. Wait until it is ACTIVE."


def no_role_arn(role: str) -> str:
    """Not the ARN of a role."""
    return f"{role} is no role's ARN, such as arn:aws:iam::123456789012:role/name."


def no_ecr_image(image: str) -> str:
    """Not an image in ECR."""
    return (
        f"{image} is no image in ECR, such as "
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1."
    )


def image_elsewhere(image: str, its_region: str, region: str) -> str:
    """SageMaker takes images of its own region only."""
    return f"{image} is in {its_region}; push it to ECR in {region}, where the endpoints are."


# ---- what AWS was asked for
IDENTITY_FAILED: Final = "Asking AWS who you are failed"
TABLE_CHECK_FAILED: Final = "Looking at the table failed"


def creating_bucket_failed(name: str) -> str:
    """CreateBucket."""
    return f"Creating the bucket {name} failed"


def configuring_bucket_failed(name: str) -> str:
    """PutBucketLifecycleConfiguration."""
    return f"Setting up the bucket {name} failed"


def closing_bucket_failed(name: str) -> str:
    """PutPublicAccessBlock."""
    return f"Closing the bucket {name} to the public failed"


def creating_table_failed(name: str) -> str:
    """CreateTable."""
    return f"Creating the table {name} failed"


def waiting_for_table_failed(name: str) -> str:
    """The table does not become active."""
    return f"Waiting for the table {name} failed"
