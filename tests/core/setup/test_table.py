"""Both tables are tried as they are used, and what these credentials may not is named."""

from copy import deepcopy
from typing import Any, Final

import boto3
import pytest

from core.settings import Settings
from core.setup.checks import CheckState
from core.setup.service import Setup
from core.setup.table import Table, tables
from tests.core.setup.conftest import Find
from tests.support.faulty_aws import FaultyAws, refuse

TABLES: Final = tables(Settings())
EXISTS, USE = "DynamoDB table {}", "Records in {}"
PERMISSION: Final = "User: ann is not authorized to perform: {} on resource: x"


@pytest.fixture
def dynamodb(account: FaultyAws, session: boto3.Session, setup: Setup) -> Any:
    setup.create_tables()
    return session.client("dynamodb", endpoint_url=account.connection.url)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_in_place_is_tried_and_left_empty(
    dynamodb: Any, setup: Setup, find: Find, table: Table
) -> None:
    probe = {key["AttributeName"]: {"S": "setup/probe"} for key in table.definition["KeySchema"]}
    dynamodb.put_item(TableName=table.name, Item=probe)  # of one cut off
    assert find(setup, USE.format(table.name)).state is CheckState.IN_PLACE
    assert dynamodb.scan(TableName=table.name)["Count"] == 0


@pytest.mark.parametrize(
    ("table", "operation", "permission", "named"),
    [
        (TABLES[0], "PutItem", "", "dynamodb:PutItem"),
        (TABLES[0], "PutItem", "kms:Decrypt", "kms:Decrypt"),
        (TABLES[0], "GetItem", "", "dynamodb:GetItem"),
        (TABLES[0], "DeleteItem", "", "dynamodb:DeleteItem"),
        (TABLES[0], "Query", "", "dynamodb:Query"),
        (TABLES[0], "by-score", "dynamodb:Query", "dynamodb:Query"),
        (TABLES[1], "PutItem", "", "dynamodb:PutItem"),
        (TABLES[1], "by-kind", "dynamodb:Query", "dynamodb:Query"),
    ],
)
def test_a_denied_use_is_named(
    *,
    account: FaultyAws,
    dynamodb: Any,
    setup: Setup,
    find: Find,
    table: Table,
    operation: str,
    permission: str,
    named: str,
) -> None:
    message = PERMISSION.format(permission) if permission else "No."
    part = operation if operation.startswith("by-") else f"DynamoDB_20120810.{operation}"
    account.faults[part] = refuse(400, "AccessDeniedException", message)
    check = find(setup, USE.format(table.name))
    assert (check.state, check.blocks) == (CheckState.FAILED, True)
    assert f"Allow {named} in" in check.detail
    account.faults.clear()
    assert dynamodb.scan(TableName=table.name)["Count"] == 0


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("is_there", [False, True])
def test_a_table_that_can_not_be_used_is_not_tried(
    account: FaultyAws, session: boto3.Session, setup: Setup, table: Table, *, is_there: bool
) -> None:
    if is_there:
        definition: Any = deepcopy(table.definition)
        keys = [key["AttributeName"] for key in definition["KeySchema"]]
        others = reversed(keys) if len(keys) > 1 else ["owner"]
        for key, other in zip(definition["KeySchema"], others, strict=True):
            key["AttributeName"] = other
        url = account.connection.url
        session.client("dynamodb", endpoint_url=url).create_table(**definition)
    states = {check.name: check.state for check in setup.checks()}
    assert states[EXISTS.format(table.name)] is CheckState.FAILED
    assert USE.format(table.name) not in states


def test_a_table_is_created_once(dynamodb: Any, setup: Setup, find: Find) -> None:
    setup.create_tables()
    assert all(find(setup, EXISTS.format(table.name)).ok for table in TABLES)
