"""Checks the table of the job list against its definition; creates it."""

from contextlib import suppress
from typing import Any

from core.aws.client import translate_errors
from core.aws.tags import cost_tags
from core.errors import AwsConflict, AwsError, AwsNotFound
from core.jobs.store.dynamodb import INDEXES, table_definition
from core.setup.checks import Check, SetupAction, explain, failed, in_place
from core.texts import setup as texts


def check_table(table: str, client: Any) -> Check:
    """Whether the table is there, with the keys and indexes that the job list asks by."""
    name = texts.table(table)
    try:
        with translate_errors(texts.TABLE_CHECK_FAILED):
            found = client.describe_table(TableName=table)
    except AwsNotFound:
        return failed(name, texts.IS_MISSING, SetupAction.CREATE_TABLE)
    except AwsError as error:
        return failed(name, explain(error, "dynamodb:DescribeTable"))
    problem = _table_problem(found["Table"], table_definition(table))
    return failed(name, problem) if problem else in_place(name)


def create_table(table: str, client: Any, team: str) -> None:
    """Create the table of the job list; it can be used once it is ACTIVE (about 20 s on AWS).

    `team` pays for it, see core/aws/tags.py. Raises AwsError.
    """
    with suppress(AwsConflict), translate_errors(texts.creating_table_failed(table)):
        client.create_table(**table_definition(table), Tags=cost_tags(team=team))


def _table_problem(found: Any, wanted: Any) -> str:
    """Why the job list can't be kept in the table that DescribeTable tells of; empty if it can."""
    indexes = {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", ())}
    if lacking := sorted(INDEXES - set(indexes)):
        return texts.table_lacks_indexes(lacking)
    wanted_indexes = {index["IndexName"]: index for index in wanted["GlobalSecondaryIndexes"]}
    others = [name for name, index in wanted_indexes.items() if not _is_alike(indexes[name], index)]
    if found["KeySchema"] != wanted["KeySchema"] or others:
        return texts.table_of_another_kind(others)
    states = [found["TableStatus"], *(index.get("IndexStatus", "") for index in indexes.values())]
    waiting = [state for state in states if state not in {"ACTIVE", "UPDATING", ""}]
    return texts.table_not_active(waiting[0]) if waiting else ""


def _is_alike(found: Any, wanted: Any) -> bool:
    """Whether an index has the keys that queries ask by, and holds the whole record."""
    return bool(
        found["KeySchema"] == wanted["KeySchema"]
        and found["Projection"].get("ProjectionType") == wanted["Projection"]["ProjectionType"]
    )
