"""The cost-allocation tags of everything that costs money: team, owner and endpoint.

An administrator activates them once in the billing console; from then on, AWS's bills and Cost
Explorer can be split by them.
"""

from typing import TYPE_CHECKING, Final

from core.aws.ascii_values import encode_value

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import TagTypeDef

OWNER_TAG: Final = "contrapposto:owner"
TEAM_TAG: Final = "contrapposto:team"
ENDPOINT_TAG: Final = "contrapposto:endpoint"
BUCKET_TAG: Final = "contrapposto:bucket"
"""Of a real-time endpoint, whose configuration names no bucket: the one that it works for."""


def cost_tags(*, team: str, owner: str = "", endpoint: str = "") -> "list[TagTypeDef]":
    """The tags as SageMaker, S3, DynamoDB and CloudWatch take them; none for what is empty."""
    values = {OWNER_TAG: owner, TEAM_TAG: team, ENDPOINT_TAG: endpoint}
    return [{"Key": key, "Value": encode_value(value)} for key, value in values.items() if value]
