"""The table is tried as the job list uses it, and what these credentials may not is named."""

from typing import Any, Final

import boto3
import pytest

from core.jobs.store.dynamodb import table_definition
from core.setup.checks import CheckState
from core.setup.service import Setup
from tests.core.setup.conftest import Find
from tests.support.faulty_aws import FaultyAws, refuse

TABLE: Final = "contrapposto-jobs"
EXISTS, USE = "DynamoDB table", "Records in"
PERMISSION: Final = "User: ann is not authorized to perform: {} on resource: x"


@pytest.fixture
def dynamodb(account: FaultyAws, session: boto3.Session, setup: Setup) -> Any:
    setup.create_table()
    return session.client("dynamodb", endpoint_url=account.connection.url)


def test_a_table_in_place_is_tried_and_left_empty(dynamodb: Any, setup: Setup, find: Find) -> None:
    dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "setup/probe"}})  # of one cut off
    assert find(setup, USE).state is CheckState.IN_PLACE
    assert dynamodb.scan(TableName=TABLE)["Count"] == 0


@pytest.mark.parametrize(
    ("operation", "permission", "named"),
    [
        ("PutItem", "", "dynamodb:PutItem"),
        ("PutItem", "kms:Decrypt", "kms:Decrypt"),
        ("GetItem", "", "dynamodb:GetItem"),
        ("DeleteItem", "", "dynamodb:DeleteItem"),
        ("Query", "", "dynamodb:Query"),
        ("by-score", "dynamodb:Query", "dynamodb:Query"),
    ],
)
def test_a_denied_use_is_named(
    *,
    account: FaultyAws,
    dynamodb: Any,
    setup: Setup,
    find: Find,
    operation: str,
    permission: str,
    named: str,
) -> None:
    message = PERMISSION.format(permission) if permission else "No."
    part = operation if operation == "by-score" else f"DynamoDB_20120810.{operation}"
    account.faults[part] = refuse(400, "AccessDeniedException", message)
    check = find(setup, USE)
    assert (check.state, check.blocks) == (CheckState.FAILED, True)
    assert f"Allow {named} in" in check.detail
    account.faults.clear()
    assert dynamodb.scan(TableName=TABLE)["Count"] == 0


@pytest.mark.parametrize("is_there", [False, True])
def test_a_table_that_can_not_be_used_is_not_tried(
    account: FaultyAws, session: boto3.Session, setup: Setup, *, is_there: bool
) -> None:
    if is_there:
        definition: Any = table_definition(TABLE)
        definition["KeySchema"][0]["AttributeName"] = "owner"
        url = account.connection.url
        session.client("dynamodb", endpoint_url=url).create_table(**definition)
    states = {check.name.partition(" contra")[0]: check.state for check in setup.checks()}
    assert states[EXISTS] is CheckState.FAILED
    assert USE not in states


def test_a_table_is_created_once(dynamodb: Any, setup: Setup, find: Find) -> None:
    setup.create_table()
    assert find(setup, EXISTS).ok
