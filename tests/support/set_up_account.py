"""What a person puts into an account before the set-up: a role for endpoints and an image."""

import json
from typing import Any, Final

import boto3

from tests.support.faulty_aws import Answer, Fault, FaultyAws

ROLE: Final = "arn:aws:iam::123456789012:role/endpoint"
IMAGE: Final = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1"
DOCKER: Final = "application/vnd.docker.distribution.manifest.v2+json"


def trust(service: str = "sagemaker.amazonaws.com", effect: str = "Allow") -> str:
    """A role's trust policy for one service."""
    statement = {
        "Effect": effect,
        "Action": "sts:AssumeRole",
        "Principal": {"Service": [service]},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def manifest(media_type: str = DOCKER) -> str:
    """An image's manifest, as ECR keeps it."""
    config = {"digest": f"sha256:{'1' * 64}", "mediaType": "application/json", "size": 2}
    return json.dumps({"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": []})


def fill_account(
    session: boto3.Session,
    url: str | None = None,
    *,
    trusted: str | None = None,
    manifest_text: str | None = None,
) -> None:
    """Create role and image."""
    session.client("iam", endpoint_url=url).create_role(
        RoleName="endpoint", AssumeRolePolicyDocument=trusted or trust()
    )
    ecr: Any = session.client("ecr", endpoint_url=url)
    ecr.create_repository(repositoryName="contrapposto")
    ecr.put_image(
        repositoryName="contrapposto",
        imageTag="1",
        imageManifest=manifest_text or manifest(),
    )


def serve_configuration(account: FaultyAws, architecture: str) -> None:
    """Answer for the image's configuration, of which moto has none."""
    told = json.dumps({"downloadUrl": f"{account.connection.url}/configuration"}).encode()
    body = json.dumps({"architecture": architecture}).encode()
    account.faults["GetDownloadUrlForLayer"] = lambda _call: Answer(200, told)
    account.faults["GET /configuration"] = lambda _call: Answer(200, body)


def serve_lists(account: FaultyAws, instance_type: str) -> None:
    """Answer with a quota and a price of the instance type, and with no step of scaling: moto has
    none of these lists."""
    quota = {
        "QuotaName": f"{instance_type} for endpoint usage",
        "QuotaCode": "L-1",
        "Value": 4,
    }
    price = {"unit": "Hrs", "pricePerUnit": {"USD": "0.8"}}
    product = {
        "product": {"attributes": {"instanceName": instance_type}},
        "terms": {"OnDemand": {"1": {"priceDimensions": {"1": price}}}},
    }
    for operation, answer in {
        "ListServiceQuotas": {"Quotas": [quota]},
        "GetProducts": {"PriceList": [json.dumps(product)]},
        "DescribeScalingActivities": {"ScalingActivities": []},
    }.items():
        account.faults[operation] = _answers(answer)


def _answers(answer: object) -> Fault:
    body = json.dumps(answer).encode()
    return lambda _call: Answer(200, body)
