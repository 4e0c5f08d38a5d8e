"""Every reference of the template leads somewhere: moto creates the stack, and serves with it."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.deploy.test_template import SERVING
from tests.support.cloudformation import TEMPLATE
from tests.support.moto_account import moto_account

# moto skips some kinds of resource and warns of each.
pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse:UserWarning")


@pytest.fixture
def parameters() -> Iterator[dict[str, str]]:
    """The network, certificate and secret that a stack needs, in an account of moto's."""
    with moto_account():
        ec2 = boto3.client("ec2")
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        boto3.client("secretsmanager").create_secret(
            Name="contrapposto/oidc", SecretString=json.dumps({"client_secret": "of-the-client"})
        )
        certificate = boto3.client("acm").request_certificate(DomainName="studio.example.com")
        yield {
            **{name: str(value) for name, value in SERVING.items()},
            "Login": "oidc",  # moto's Cognito has no attributes for GetAtt
            "OidcIssuer": "https://idp.example.com",
            "VpcId": ec2.describe_vpcs()["Vpcs"][0]["VpcId"],
            "RouteTableIds": ec2.describe_route_tables()["RouteTables"][0]["RouteTableId"],
            "CertificateArn": certificate["CertificateArn"],
            "BalancerSubnets": ",".join(subnets),
            "DashboardSubnets": ",".join(subnets),
            "HostedZoneId": "",
        }


def outputs(parameters: dict[str, str], *, exists: bool) -> dict[str, str]:
    client: Any = boto3.client("cloudformation")
    (client.update_stack if exists else client.create_stack)(
        StackName="contrapposto",
        TemplateBody=TEMPLATE.read_text("utf-8"),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    )
    (stack,) = client.describe_stacks(StackName="contrapposto")["Stacks"]
    assert stack["StackStatus"] == ("UPDATE_COMPLETE" if exists else "CREATE_COMPLETE")
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_the_stack_is_made_without_images_and_then_serves(parameters: dict[str, str]) -> None:
    first = outputs({**parameters, "DashboardImage": "", "ContainerImage": ""}, exists=False)
    assert "Address" not in first
    assert first["DashboardRepository"].endswith("/contrapposto/dashboard")
    assert boto3.client("s3").head_bucket(Bucket=first["Bucket"])["BucketRegion"] == "eu-west-1"
    second = outputs(parameters, exists=True)
    assert second["Address"] == "https://studio.example.com"
    found = boto3.client("ecs").describe_services(
        cluster=second["Cluster"], services=[second["Service"]]
    )
    assert [service["desiredCount"] for service in found["services"]] == [1]


def test_the_load_balancer_leads_to_the_service(parameters: dict[str, str]) -> None:
    made = outputs(parameters, exists=False)
    balancing = boto3.client("elbv2")
    (balancer,) = balancing.describe_load_balancers()["LoadBalancers"]
    assert balancer["DNSName"] == made["BalancerHost"]
    listeners = balancing.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])
    https = next(each for each in listeners["Listeners"] if each["Protocol"] == "HTTPS")
    assert [c["CertificateArn"] for c in https["Certificates"]] == [parameters["CertificateArn"]]
    (targets,) = balancing.describe_target_groups()["TargetGroups"]
    rules = balancing.describe_rules(ListenerArn=https["ListenerArn"])["Rules"]
    forwarded = {rule["Actions"][-1]["TargetGroupArn"] for rule in rules}
    assert forwarded == {targets["TargetGroupArn"]}
