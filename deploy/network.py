"""Finds the network that a stack stands in, where none is named."""

from typing import Any

from core.aws.client import translate_errors
from core.errors import ConfigurationError
from deploy import texts


def default_network(ec2: Any) -> dict[str, str]:
    """The region's default VPC and its public subnets, one in each availability zone.

    Raises ConfigurationError where there is none: a load balancer needs two zones.
    """
    with translate_errors(texts.READING_NETWORK_FAILED):
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        if not vpcs:
            raise ConfigurationError(texts.NO_NETWORK)
        answer = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpcs[0]["VpcId"]]}])
    public = [subnet for subnet in answer["Subnets"] if subnet["MapPublicIpOnLaunch"]]
    by_zone = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in public}
    if len(by_zone) < 2:
        raise ConfigurationError(texts.NO_NETWORK)
    subnets = ",".join(by_zone[zone] for zone in sorted(by_zone))
    return {"VpcId": vpcs[0]["VpcId"], "BalancerSubnets": subnets, "DashboardSubnets": subnets}
