"""Role and image are looked up where that is allowed; else they are neither right nor wrong."""

from collections.abc import Callable
from typing import Final

import boto3
import pytest

from core.setup.checks import CheckState
from core.setup.service import Setup
from formats.instance_hosts import architecture_of
from tests.core.setup.conftest import Find
from tests.support.faulty_aws import FaultyAws, refuse, refuse_in_xml
from tests.support.set_up_account import (
    IMAGE,
    ROLE,
    fill_account,
    manifest,
    serve_configuration,
    trust,
)

ROLE_CHECK, IMAGE_CHECK = "Endpoint role", "Container image"
OCI: Final = "application/vnd.oci.image.manifest.v1+json"
INDEX: Final = '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", '
REPOSITORY: Final = IMAGE.removesuffix(":1")


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("", "Set CONTRAPPOSTO_ENDPOINT_ROLE"),
        ("nonsense", "is no role's ARN"),
        ("arn:aws:iam::123456789012:user/ann", "is no role's ARN"),
        ("arn:aws:iam::210987654321:role/endpoint", "is not of the account 123456789012"),
        ("arn:aws:iam::123456789012:role/other", "Create it in IAM"),
        ("arn:aws:iam::123456789012:role/a/path/endpoint", f"of that name is {ROLE}"),
        ("arn:aws-cn:iam::123456789012:role/endpoint", f"of that name is {ROLE}"),
        (ROLE, ""),
    ],
)
def test_a_role(
    *,
    account: FaultyAws,
    session: boto3.Session,
    make_setup: Callable[..., Setup],
    find: Find,
    role: str,
    message: str,
) -> None:
    fill_account(session, account.connection.url)
    check = find(make_setup(endpoint_role=role), ROLE_CHECK)
    assert check.ok is (not message)
    assert message in check.detail


@pytest.mark.parametrize(
    "policy", [trust("lambda.amazonaws.com"), trust(effect="Deny")], ids=["other", "deny"]
)
def test_a_role_that_sagemaker_may_not_assume(
    account: FaultyAws, session: boto3.Session, setup: Setup, find: Find, policy: str
) -> None:
    fill_account(session, account.connection.url, trusted=policy)
    check = find(setup, ROLE_CHECK)
    assert check.state is CheckState.FAILED
    assert "Allow sagemaker.amazonaws.com sts:AssumeRole" in check.detail


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("", "set CONTRAPPOSTO_IMAGE"),
        ("nonsense", "is no image in ECR"),
        ("docker.io/library/python:3.11", "is no image in ECR"),
        (IMAGE.replace("eu-west-1", "us-east-1"), "push it to ECR in eu-west-1"),
        (f"{REPOSITORY}:2", "is missing in ECR"),
        (f"{REPOSITORY}@sha256:{'0' * 64}", "is missing in ECR"),
        (f"{REPOSITORY}-other:1", "is missing in ECR"),
        (IMAGE, ""),
    ],
)
def test_an_image(
    *,
    account: FaultyAws,
    session: boto3.Session,
    make_setup: Callable[..., Setup],
    find: Find,
    image: str,
    message: str,
) -> None:
    fill_account(session, account.connection.url)
    serve_configuration(account, "amd64")
    check = find(make_setup(image=image), IMAGE_CHECK)
    assert check.ok is (not message)
    assert message in check.detail


@pytest.mark.parametrize(
    ("text", "architecture", "instance_type", "state", "message"),
    [
        (manifest(), "arm64", "ml.g5.xlarge", CheckState.FAILED, "--platform linux/amd64"),
        (manifest(), "arm64", "ml.g5g.xlarge", CheckState.IN_PLACE, "for arm64"),
        (manifest(), "amd64", "ml.c7g.large", CheckState.FAILED, "--platform linux/arm64"),
        (manifest(OCI), "amd64", "ml.g5.xlarge", CheckState.UNKNOWN, "OCI's format"),
        (INDEX + '"manifests": []}', "", "ml.g5.xlarge", CheckState.FAILED, "--provenance=false"),
    ],
)
def test_what_an_image_is_made_for(
    *,
    account: FaultyAws,
    session: boto3.Session,
    make_setup: Callable[..., Setup],
    find: Find,
    text: str,
    architecture: str,
    instance_type: str,
    state: CheckState,
    message: str,
) -> None:
    fill_account(session, account.connection.url, manifest_text=text)
    serve_configuration(account, architecture)
    check = find(make_setup(instance_type=instance_type), IMAGE_CHECK)
    assert check.state is state
    assert message in check.detail


@pytest.mark.parametrize(
    ("name", "operation", "permission"),
    [
        (ROLE_CHECK, "Action=GetRole", "iam:GetRole"),
        (IMAGE_CHECK, "BatchGetImage", "ecr:BatchGetImage"),
        (IMAGE_CHECK, "GetDownloadUrlForLayer", "ecr:GetDownloadUrlForLayer"),
    ],
)
@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken"])
def test_what_may_not_be_looked_up_is_unknown(
    *,
    account: FaultyAws,
    session: boto3.Session,
    setup: Setup,
    find: Find,
    name: str,
    operation: str,
    permission: str,
    code: str,
) -> None:
    fill_account(session, account.connection.url)
    form = refuse_in_xml if "iam" in permission else refuse
    account.faults[operation] = form(403, code)
    check = find(setup, name)
    assert (check.state, check.blocks) == (CheckState.UNKNOWN, False)
    assert (f"Allow {permission} in" in check.detail) is (code == "AccessDenied")
    assert ("renew the credentials" in check.detail) is (code == "ExpiredToken")


@pytest.mark.parametrize(
    ("instance_type", "architecture"),
    [
        ("ml.g4dn.xlarge", "amd64"),
        ("ml.g6e.xlarge", "amd64"),
        ("ml.p5en.48xlarge", "amd64"),
        ("ml.g5g.xlarge", "arm64"),
        ("ml.m6gd.large", "arm64"),
        ("ml.p6e-gb200.36xlarge", "arm64"),
    ],
)
def test_the_processor_of_an_instance_type(instance_type: str, architecture: str) -> None:
    assert architecture_of(instance_type) == architecture
