"""Each table is tried as it is used, and what these credentials may not is named."""

from typing import Any, Final

import boto3
import pytest

from core.jobs.store.dynamodb import table_definition
from core.records.dynamodb import records_table_definition
from core.setup.checks import CheckState
from core.setup.service import Setup
from tests.core.setup.conftest import Find
from tests.support.faulty_aws import FaultyAws, refuse

JOBS, RECORDS = "contrapposto-jobs", "contrapposto-records"
EXISTS, USE = "DynamoDB table {}", "Records in {}"
PERMISSION: Final = "User: ann is not authorized to perform: {} on resource: x"


@pytest.fixture
def dynamodb(account: FaultyAws, session: boto3.Session, setup: Setup) -> Any:
    setup.create_tables()
    return session.client("dynamodb", endpoint_url=account.connection.url)


@pytest.mark.parametrize(
    ("table", "left"),
    [
        (JOBS, {"id": {"S": "setup/probe"}}),
        (RECORDS, {"pk": {"S": "setup/probe"}, "sk": {"S": "setup/probe"}}),
    ],
)
def test_a_table_in_place_is_tried_and_left_empty(
    dynamodb: Any, setup: Setup, find: Find, table: str, left: dict[str, Any]
) -> None:
    dynamodb.put_item(TableName=table, Item=left)  # of one cut off
    assert find(setup, USE.format(table)).state is CheckState.IN_PLACE
    assert dynamodb.scan(TableName=table)["Count"] == 0


@pytest.mark.parametrize("table", [JOBS, RECORDS])
@pytest.mark.parametrize(
    ("operation", "permission", "named"),
    [
        ("PutItem", "", "dynamodb:PutItem"),
        ("PutItem", "kms:Decrypt", "kms:Decrypt"),
        ("GetItem", "", "dynamodb:GetItem"),
        ("DeleteItem", "", "dynamodb:DeleteItem"),
        ("Query", "", "dynamodb:Query"),
        ("IndexName", "dynamodb:Query", "dynamodb:Query"),
    ],
)
def test_a_denied_use_is_named(
    *,
    account: FaultyAws,
    dynamodb: Any,
    setup: Setup,
    find: Find,
    table: str,
    operation: str,
    permission: str,
    named: str,
) -> None:
    message = PERMISSION.format(permission) if permission else "No."
    part = operation if operation == "IndexName" else f"DynamoDB_20120810.{operation}"
    account.faults[part] = refuse(400, "AccessDeniedException", message)
    check = find(setup, USE.format(table))
    assert (check.state, check.blocks) == (CheckState.FAILED, table == JOBS)
    assert f"Allow {named} in" in check.detail
    account.faults.clear()
    assert dynamodb.scan(TableName=table)["Count"] == 0


_OTHER_KEY: Final = "it has another key"


def _keys(*names: str) -> dict[str, Any]:
    kinds = zip(names, ("HASH", "RANGE"), strict=False)
    return {"KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in kinds]}


@pytest.mark.parametrize(
    ("definition", "changed"),
    [
        (table_definition(JOBS), _keys("owner")),
        (records_table_definition(RECORDS), _keys("sk", "pk")),
    ],
)
def test_a_table_of_another_kind_is_told_and_not_tried(
    *,
    account: FaultyAws,
    session: boto3.Session,
    setup: Setup,
    definition: Any,
    changed: dict[str, Any],
) -> None:
    dynamodb = session.client("dynamodb", endpoint_url=account.connection.url)
    dynamodb.create_table(**{**definition, **changed})
    name = definition["TableName"]
    found = {check.name: check for check in setup.checks()}
    check = found[EXISTS.format(name)]
    assert (check.state, check.action) == (CheckState.FAILED, None)
    assert "it has another key" in check.detail
    assert USE.format(name) not in found


def test_a_table_that_is_missing_is_not_tried(setup: Setup) -> None:
    found = {check.name: check for check in setup.checks()}
    for name in (JOBS, RECORDS):
        assert found[EXISTS.format(name)].state is CheckState.FAILED
        assert USE.format(name) not in found


def test_tables_are_created_once(dynamodb: Any, setup: Setup, find: Find) -> None:
    setup.create_tables()
    for name in (JOBS, RECORDS):
        assert find(setup, EXISTS.format(name)).ok
