"""Each call of AWS that the code makes is allowed by its role, and each action there is used."""

import json
import re
from typing import Any, Final

import pytest
from cloudsplaining.scan.policy_document import PolicyDocument
from policy_sentry.querying.actions import get_action_data

from core.endpoints.scaling.order_tag import APPLIED_TAG, HELD_TAG, ORDER_TAG
from tests.support.boto3_calls import Calls
from tests.support.cloudformation import Stack, listed
from tests.support.helpers import ROOT

TABLE: Final[dict[str, Any]] = json.loads((ROOT / "deploy/iam_actions.json").read_text("utf-8"))
ROLES: Final = {"DashboardRole": "core", "EndpointRole": "sagemaker_container"}
"""Whose calls each role is for."""

FULL: Final = Stack(
    {
        "BucketName": "team-bucket",
        "BuildInAccount": "yes",
        "EndpointSubnets": "subnet-1",
        "KmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1",
    }
)
WITH_SLASHES: Final = {
    "LogGroupName",
    "ObjectName",
    "RepositoryName",
    "RoleNameWithPath",
}
"""Names in ARNs that may have slashes."""

EVERY_ROLE: Final = sorted(
    name for name, made in FULL.resources().items() if made["Type"] == "AWS::IAM::Role"
)


def rows(operations: set[str]) -> set[str]:
    """The actions that operations need, without those that the template saves."""
    needed = operations - TABLE["set_up"].keys()
    return {action for operation in needed for action in TABLE["operations"][operation]}


def test_the_table_has_the_operations_that_the_code_calls() -> None:
    called = {name for folder in ROLES.values() for name in Calls(folder).operations()}
    assert set(TABLE["operations"]) == called
    assert TABLE["set_up"].keys() <= called


@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_what_is_called_and_nothing_else(role: str) -> None:
    needed = rows(set(Calls(ROLES[role]).operations()))
    by_aws = set(TABLE["aws_itself"][role])
    assert sorted(needed - FULL.actions(role)) == []
    assert sorted(FULL.actions(role) - needed - by_aws) == []
    assert sorted(by_aws - FULL.actions(role)) == []


def test_the_tags_that_are_written_later_are_those_that_may_be() -> None:
    """Moto and the embedded AWS ask for no right: the keys are compared."""
    (later,) = (s for s in FULL.statements("DashboardRole") if s["Sid"] == "ScalingAsOrdered")
    keys = later["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
    assert sorted(keys) == sorted((ORDER_TAG, APPLIED_TAG, HELD_TAG))


def actions_and_resources(role: str) -> list[tuple[str, list[str]]]:
    statements = FULL.statements(role)
    return [(a, listed(s["Resource"])) for s in statements for a in listed(s["Action"])]


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_an_action_exists_and_is_allowed_on_a_resource_that_it_takes(role: str) -> None:
    for action, resources in actions_and_resources(role):
        service, _, name = action.partition(":")
        known = get_action_data(service, name)
        assert known, f"IAM has no {action}"
        formats = {entry["resource_arn_format"] for entry in known[service]}
        fits = [f for f in formats for r in resources if r == f or same_kind(r, f)]
        assert fits, f"{action} takes {sorted(formats)}, not {resources}"


def same_kind(resource: str, arn_format: str) -> bool:
    """Whether the ARN is of IAM's form, such as `arn:${Partition}:s3:::${BucketName}`."""
    parts = re.split(r"\$\{(\w+)\}", arn_format)
    names = [".+" if name in WITH_SLASHES else "[^:/]+" for name in parts[1::2]]
    pattern = "".join(
        re.escape(text) + name for text, name in zip(parts[::2], [*names, ""], strict=True)
    )
    return re.fullmatch(pattern, resource) is not None


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_role_is_as_narrow_as_iam_lets_it_be(role: str) -> None:
    document = PolicyDocument({"Version": "2012-10-17", "Statement": FULL.statements(role)})
    assert document.all_allowed_unrestricted_actions == []
    assert document.allows_privilege_escalation == []
    assert document.permissions_management_without_constraints == []
    assert document.write_actions_without_constraints == []
    assert document.allows_data_exfiltration_actions == []
    assert document.service_wildcard == []
