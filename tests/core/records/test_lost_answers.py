"""A write of DynamoDB's whose answer is lost is known again, and nobody else's is taken for it."""

from collections.abc import Iterator

import pytest
from ulid import ULID

from core.aws.client import Aws
from core.errors import Conflict
from core.records.dynamodb import DynamoRecordStore, records_table_definition
from tests.core.records.notes import NOTES, Note
from tests.support.faulty_aws import FaultyAws, faulty_aws, lose_first_answer


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture
def store(account: FaultyAws) -> Iterator[DynamoRecordStore]:
    aws, table = Aws(account.connection), f"records-{ULID()}"
    aws.dynamodb().create_table(**records_table_definition(table))
    opened = DynamoRecordStore(aws, table)
    yield opened
    account.faults.clear()
    opened.close()


def test_each_write_holds(account: FaultyAws, store: DynamoRecordStore) -> None:
    account.faults["PutItem"] = lose_first_answer()
    first = store.add(NOTES, "ann", "a", Note(number=1))
    account.faults["PutItem"] = lose_first_answer()
    second = store.replace(first, Note(number=2))
    assert store.get(NOTES, "ann", "a") == second
    account.faults["DeleteItem"] = lose_first_answer()
    store.delete(second)
    assert store.get(NOTES, "ann", "a") is None


def test_an_equal_write_of_somebody_else_is_a_conflict(
    account: FaultyAws, store: DynamoRecordStore
) -> None:
    store.add(NOTES, "ann", "a", Note(number=1))
    account.faults["PutItem"] = lose_first_answer()
    with pytest.raises(Conflict):
        store.add(NOTES, "ann", "a", Note(number=1))
