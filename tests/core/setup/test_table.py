"""Both tables are tried as they are used, and what these credentials may not is named."""

from copy import deepcopy
from typing import Any, Final

import boto3
import pytest

from core.aws.client import Aws
from core.aws.storage import Storage
from core.errors import NotAllowed
from core.settings import Settings
from core.setup.checks import CheckState, SetupAction
from core.setup.service import Setup
from core.setup.table import Table, tables
from core.team.access import Access
from core.team.users import LOCAL, Role, User
from tests.core.setup.conftest import BUCKET, Find
from tests.support.faulty_aws import Answer, Call, FaultyAws, refuse

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


@pytest.fixture
def older(account: FaultyAws, session: boto3.Session, setup: Setup) -> Any:
    """The tables as an older version made them: without an index that is asked by since then."""
    client: Any = session.client("dynamodb", endpoint_url=account.connection.url)
    for table in TABLES:
        definition: Any = deepcopy(table.definition)
        definition["GlobalSecondaryIndexes"] = list(table.needed_indexes.values())
        keys = [definition, *definition["GlobalSecondaryIndexes"]]
        used = {part["AttributeName"] for each in keys for part in each["KeySchema"]}
        definition["AttributeDefinitions"] = [
            each for each in definition["AttributeDefinitions"] if each["AttributeName"] in used
        ]
        client.create_table(**definition)
    return client


def test_an_older_table_can_be_used_and_gets_its_index(
    older: Any, setup: Setup, find: Find
) -> None:
    name = TABLES[0].name
    check = find(setup, EXISTS.format(name))
    assert (check.blocks, check.action) == (False, SetupAction.ADD_INDEX)
    assert "lacks the index by-change, by-visibility:" in check.detail
    assert find(setup, USE.format(name)).ok
    for _ in range(3):  # one index at a time; another click is harmless
        setup.perform(LOCAL, SetupAction.ADD_INDEX)
    assert find(setup, EXISTS.format(name)).ok
    described = older.describe_table(TableName=name)["Table"]
    names = {index["IndexName"] for index in described["GlobalSecondaryIndexes"]}
    assert names == TABLES[0].indexes.keys()


@pytest.mark.parametrize("action", SetupAction)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_admin_creates_anything(
    account: FaultyAws, aws: Aws, settings: Settings, role: Role, action: SetupAction
) -> None:
    setup = Setup(aws, Storage(aws, BUCKET, for_pages=True), settings, Access())
    asked: list[Call] = []

    def note(call: Call) -> Answer:
        asked.append(call)
        return Answer(500, b"")

    account.faults[""] = note
    with pytest.raises(NotAllowed, match="admin"):
        setup.perform(User(name="ada", role=role), action)
    assert asked == []
