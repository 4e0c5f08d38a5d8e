"""Both stores of records, empty: SQLite, and the embedded AWS's DynamoDB."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ulid import ULID

from core.aws.client import Aws, Connection
from core.records.dynamodb import DynamoRecordStore, records_table_definition
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, connection: Connection
) -> Iterator[RecordStore]:
    if request.param == "sqlite":
        opened: RecordStore = SqliteRecordStore(tmp_path / "records.sqlite")
    else:
        aws, table = Aws(connection), f"records-{ULID()}"
        aws.dynamodb().create_table(**records_table_definition(table))
        opened = DynamoRecordStore(aws, table)
    yield opened
    opened.close()
