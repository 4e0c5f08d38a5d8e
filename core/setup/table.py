"""Checks the tables of jobs and of records against their definitions; creates them."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.aws.client import translate_errors
from core.errors import AwsConflict, AwsError, AwsNotFound
from core.jobs.store.dynamodb import table_definition
from core.records.dynamodb import records_table_definition
from core.settings import Settings
from core.setup.checks import Check, SetupAction, explain, failed, in_place
from core.texts import setup as texts


@dataclass(frozen=True)
class Table:
    """A table that must be there: as CreateTable is asked for it, and the setting that names it."""

    definition: Any
    setting: str
    action: SetupAction
    is_needed: bool
    """Whether jobs can't be run without it."""

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.definition["TableName"])


def jobs_table(settings: Settings) -> Table:
    """That of the job list."""
    return Table(
        table_definition(settings.table),
        "CONTRAPPOSTO_TABLE",
        SetupAction.CREATE_TABLE,
        is_needed=True,
    )


def records_table(settings: Settings) -> Table:
    """That of the records. Jobs run without it, so that an upgrade which brings it stops nobody."""
    return Table(
        records_table_definition(settings.records_table),
        "CONTRAPPOSTO_RECORDS_TABLE",
        SetupAction.CREATE_RECORDS_TABLE,
        is_needed=False,
    )


def check_table(table: Table, client: Any) -> Check:
    """Whether the table is there, with the keys and indexes that it is asked by."""
    return _existence(table, client).model_copy(update={"is_needed": table.is_needed})


def _existence(table: Table, client: Any) -> Check:
    name = texts.table(table.name)
    try:
        with translate_errors(texts.TABLE_CHECK_FAILED):
            found = client.describe_table(TableName=table.name)
    except AwsNotFound:
        return failed(name, texts.IS_MISSING, table.action)
    except AwsError as error:
        return failed(name, explain(error, "dynamodb:DescribeTable"))
    problem = _table_problem(found["Table"], table)
    return failed(name, problem) if problem else in_place(name)


def create_table(table: Table, client: Any) -> None:
    """Create the table; it can be used once it is ACTIVE (about 20 s on AWS). Raises AwsError."""
    with suppress(AwsConflict), translate_errors(texts.creating_table_failed(table.name)):
        client.create_table(**table.definition)


def _table_problem(found: Any, table: Table) -> str:
    """Why nothing can be kept in the table that DescribeTable tells of; empty if it can."""
    indexes = {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", ())}
    wanted = {index["IndexName"]: index for index in table.definition["GlobalSecondaryIndexes"]}
    if lacking := sorted(wanted.keys() - indexes):
        return texts.table_lacks_indexes(lacking, table.setting)
    others = [name for name, index in wanted.items() if not _is_alike(indexes[name], index)]
    if found["KeySchema"] != table.definition["KeySchema"] or others:
        return texts.table_of_another_kind(others, table.setting)
    states = [found["TableStatus"], *(index.get("IndexStatus", "") for index in indexes.values())]
    waiting = [state for state in states if state not in {"ACTIVE", "UPDATING", ""}]
    return texts.table_not_active(waiting[0]) if waiting else ""


def _is_alike(found: Any, wanted: Any) -> bool:
    """Whether an index has the keys that queries ask by, and holds the whole record."""
    return bool(
        found["KeySchema"] == wanted["KeySchema"]
        and found["Projection"].get("ProjectionType") == wanted["Projection"]["ProjectionType"]
    )
