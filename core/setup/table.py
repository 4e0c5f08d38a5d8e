"""Checks the tables of jobs and records against their definitions; creates them."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from core.aws.client import translate_errors
from core.aws.tags import cost_tags
from core.errors import AwsConflict, AwsError, AwsNotFound
from core.jobs.store.dynamodb import BY_CHANGE, BY_VISIBILITY, table_definition
from core.records.dynamodb import records_table_definition
from core.settings import Settings
from core.setup.checks import Check, SetupAction, advised, explain, failed, in_place
from core.texts import setup as texts

LATER_INDEXES: Final = frozenset({BY_VISIBILITY, BY_CHANGE})
"""Those that tables of older versions lack; all but one list can be shown without them, and the
jobs can't be searched."""


@dataclass(frozen=True)
class Table:
    """A table that must be there: as CreateTable is asked for it, and the setting that names it."""

    definition: Any
    setting: str
    action: SetupAction

    @property
    def name(self) -> str:
        """Its name on AWS."""
        return str(self.definition["TableName"])

    @property
    def indexes(self) -> dict[str, Any]:
        """The definition of each index, by name."""
        return {index["IndexName"]: index for index in self.definition["GlobalSecondaryIndexes"]}

    @property
    def needed_indexes(self) -> dict[str, Any]:
        """Those without which nothing can be kept in it."""
        return {name: each for name, each in self.indexes.items() if name not in LATER_INDEXES}


def tables(settings: Settings) -> tuple[Table, ...]:
    """The tables of jobs and of records."""
    jobs, records = settings.table, settings.records_table
    return (
        Table(table_definition(jobs), "CONTRAPPOSTO_TABLE", SetupAction.CREATE_TABLE),
        Table(
            records_table_definition(records),
            "CONTRAPPOSTO_RECORDS_TABLE",
            SetupAction.CREATE_RECORDS_TABLE,
        ),
    )


def check_table(table: Table, client: Any) -> Check:
    """Whether the table is there, with the keys and indexes that are asked by."""
    name = texts.table(table.name)
    try:
        with translate_errors(texts.TABLE_CHECK_FAILED):
            found = client.describe_table(TableName=table.name)
    except AwsNotFound:
        return failed(name, texts.IS_MISSING, table.action)
    except AwsError as error:
        return failed(name, explain(error, "dynamodb:DescribeTable"))
    problem = _table_problem(found["Table"], table)
    return failed(name, problem) if problem else _later_indexes(found["Table"], table)


def create_table(table: Table, client: Any, team: str) -> None:
    """Create a table; it can be used once it is ACTIVE (about 20 s on AWS).

    `team` pays for it, see core/aws/tags.py. Raises AwsError.
    """
    with suppress(AwsConflict), translate_errors(texts.creating_table_failed(table.name)):
        client.create_table(**table.definition, Tags=cost_tags(team=team))


def add_index(table: Table, client: Any) -> None:
    """Add an index that a newer version asks by, the first that is lacking: DynamoDB makes one at
    a time. It can be used once it is ACTIVE, minutes later. Raises AwsError."""
    with suppress(AwsConflict), translate_errors(texts.adding_index_failed(table.name)):
        found = client.describe_table(TableName=table.name)["Table"]
        lacking = table.indexes.keys() - _indexes(found)
        name = next((name for name in table.indexes if name in lacking & LATER_INDEXES), None)
        if name is None:
            return
        index = table.indexes[name]
        known = {each["AttributeName"] for each in found["AttributeDefinitions"]}
        used = known | {each["AttributeName"] for each in index["KeySchema"]}
        attributes = table.definition["AttributeDefinitions"]
        client.update_table(
            TableName=table.name,
            AttributeDefinitions=[each for each in attributes if each["AttributeName"] in used],
            GlobalSecondaryIndexUpdates=[{"Create": index}],
        )


def _later_indexes(found: Any, table: Table) -> Check:
    """Of a table that can be used, whether it has what newer versions ask by."""
    name, indexes = texts.table(table.name), _indexes(found)
    if lacking := sorted(table.indexes.keys() - indexes):
        return advised(name, texts.table_lacks_later_indexes(lacking), SetupAction.ADD_INDEX)
    states = [indexes[index].get("IndexStatus", "ACTIVE") for index in table.indexes]
    waiting = [state for state in states if state not in {"ACTIVE", "UPDATING"}]
    return advised(name, texts.index_not_active(waiting[0])) if waiting else in_place(name)


def _indexes(found: Any) -> dict[str, Any]:
    return {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", ())}


def _table_problem(found: Any, table: Table) -> str:
    """Why nothing can be kept in the table that DescribeTable tells of; empty if it can."""
    indexes, needed = _indexes(found), table.needed_indexes
    if lacking := sorted(needed.keys() - indexes):
        return texts.table_lacks_indexes(lacking, table.setting)
    there = [name for name in table.indexes if name in indexes]
    others = [name for name in there if not _is_alike(indexes[name], table.indexes[name])]
    if found["KeySchema"] != table.definition["KeySchema"] or others:
        return texts.table_of_another_kind(others, table.setting)
    states = [found["TableStatus"], *(indexes[name].get("IndexStatus", "") for name in needed)]
    waiting = [state for state in states if state not in {"ACTIVE", "UPDATING", ""}]
    return texts.table_not_active(waiting[0]) if waiting else ""


def _is_alike(found: Any, wanted: Any) -> bool:
    """Whether an index has the keys that queries ask by, and holds what they read."""
    return bool(
        found["KeySchema"] == wanted["KeySchema"]
        and found["Projection"].get("ProjectionType") == wanted["Projection"]["ProjectionType"]
    )
