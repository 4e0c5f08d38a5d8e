"""Finds the network that a stack stands in, where none is named."""

from typing import Any

from core.aws.client import translate_errors
from core.errors import ConfigurationError
from deploy import texts


def default_network(ec2: Any) -> dict[str, str]:
    """The region's default VPC and public subnets in two availability zones.

    A load balancer needs two, and pays for an address in each. Raises ConfigurationError where
    there are none.
    """
    with translate_errors(texts.READING_NETWORK_FAILED):
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        if not vpcs:
            raise ConfigurationError(texts.NO_NETWORK)
        answer = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpcs[0]["VpcId"]]}])
    public = [subnet for subnet in answer["Subnets"] if subnet["MapPublicIpOnLaunch"]]
    by_zone = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in public}
    zones = sorted(by_zone)[:2]
    if len(zones) < 2:
        raise ConfigurationError(texts.NO_NETWORK)
    subnets = ",".join(by_zone[zone] for zone in zones)
    return {"VpcId": vpcs[0]["VpcId"], "BalancerSubnets": subnets, "DashboardSubnets": subnets}
