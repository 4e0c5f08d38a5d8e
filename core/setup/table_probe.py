"""Tries in a table what the studio does there, and leaves nothing behind."""

from functools import partial
from typing import Any, Final

from core.aws.client import translate_errors
from core.errors import AwsError
from core.setup.attempts import Attempts
from core.setup.checks import Check, explain, failed, in_place
from core.setup.table import Table
from core.texts import setup as texts

_PROBE: Final = {"S": "setup/probe"}
"""The key of nothing that is kept; without what the indexes sort by, so that no list has it."""


def check_table_use(table: Table, client: Any) -> Check:
    """Whether records can be written, read, queried in each index, and deleted."""
    name, attempts = texts.table_use(table.name), Attempts()
    try:
        _try_item(attempts, table, client)
        _try_indexes(attempts, table, client)
    except AwsError as error:
        attempts.problems.append(explain(error, ""))
    if attempts.problems:
        return failed(name, " ".join(attempts.problems))
    return in_place(name, texts.TABLE_CAN_BE_USED)


def _try_item(attempts: Attempts, table: Table, client: Any) -> None:
    """Delete comes first: whoever may not delete must not write, and a probe that was cut off
    is removed."""
    key = {part["AttributeName"]: _PROBE for part in table.definition["KeySchema"]}
    call = partial(_call, client, TableName=table.name)
    read = partial(call, "get_item", Key=key, ConsistentRead=True)
    delete = partial(call, "delete_item", Key=key)
    if not attempts.is_allowed("dynamodb:DeleteItem", delete):
        attempts.is_allowed("dynamodb:GetItem", read)
        return
    try:
        attempts.is_allowed("dynamodb:PutItem", partial(call, "put_item", Item=key))
        attempts.is_allowed("dynamodb:GetItem", read)
    finally:
        delete()


def _try_indexes(attempts: Attempts, table: Table, client: Any) -> None:
    """Policies name each index, or all by `table/NAME/index/*`; the first refusal tells."""
    for index in table.needed_indexes.values():
        query = partial(
            _call,
            client,
            "query",
            TableName=table.name,
            IndexName=index["IndexName"],
            Limit=1,
            KeyConditionExpression="#key = :key",
            ExpressionAttributeNames={"#key": index["KeySchema"][0]["AttributeName"]},
            ExpressionAttributeValues={":key": {"S": "setup"}},
        )
        if not attempts.is_allowed("dynamodb:Query", query):
            return


def _call(client: Any, operation: str, **arguments: Any) -> None:
    with translate_errors(texts.TABLE_PROBE_FAILED):
        getattr(client, operation)(**arguments)
