"""Both stores tell which jobs were written since one last asked, whoever wrote them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ulid import ULID

from core.aws.client import Aws
from core.errors import AwsError
from core.jobs.records import OPEN_STATES, Job, JobState
from core.jobs.store.dynamodb import BY_CHANGE, DynamoJobStore, table_definition
from core.jobs.store.interface import NO_INDEX, JobStore
from tests.core.jobs.store.jobs import job

MANY = 30


def test_what_was_written_is_told_of_until_it_is_known(store: JobStore) -> None:
    store.add(job(1))
    start = store.changes().cursor
    assert store.changes().ids == ()
    jobs = [job(minute) for minute in range(2, 2 + MANY)]
    for each in jobs:
        store.add(each)
    found = store.changes(start)
    assert {each.id for each in jobs} <= set(found.ids)
    store.update(jobs[0].id, OPEN_STATES, {"state": JobState.FAILED})
    assert jobs[0].id in store.changes(found.cursor).ids


def test_writes_of_this_process_are_told_at_once(store: JobStore) -> None:
    told: list[tuple[str, Job | None]] = []
    first, other = job(), job(1)
    store.add(first)
    store.on_write = lambda job_id, written: told.append((job_id, written))
    assert not store.add(first)
    store.add(other)
    failed = store.update(first.id, OPEN_STATES, {"state": JobState.FAILED})
    assert store.update(first.id, OPEN_STATES, {"step": 3}) is None
    assert not store.delete(other.id)
    store.delete(first.id)
    assert told == [(other.id, other), (first.id, failed), (first.id, None)]


@pytest.mark.parametrize("minutes_ahead", [-1.5, 60])
def test_another_clock_hides_nobodys_changes(moto_aws: Aws, minutes_ahead: float) -> None:
    table, now = f"jobs-{ULID()}", datetime(2026, 11, 29, 12, tzinfo=UTC)
    moto_aws.dynamodb().create_table(**table_definition(table))
    other_time = now + timedelta(minutes=minutes_ahead)
    other = DynamoJobStore(moto_aws, table, clock=lambda: other_time)
    store = DynamoJobStore(moto_aws, table, clock=lambda: now)
    cursor = store.changes(store.changes().cursor).cursor
    for writer in (other, store):
        writer.add(each := job(2))
        found = store.changes(cursor)
        assert each.id in found.ids
        cursor = found.cursor
    for each_store in (other, store):
        each_store.close()


def test_changes_are_told_of_for_minutes_alone(moto_aws: Aws) -> None:
    table, now = f"jobs-{ULID()}", [datetime(2026, 11, 29, 12, tzinfo=UTC)]
    moto_aws.dynamodb().create_table(**table_definition(table))
    store = DynamoJobStore(moto_aws, table, clock=lambda: now[0])
    cursor = store.changes().cursor
    store.add(each := job(2))
    now[0] += timedelta(minutes=5)
    found = store.changes(cursor)
    assert found.ids == (each.id,)
    assert store.changes(found.cursor).ids == ()
    store.close()


def test_a_table_of_an_older_version_says_that_it_has_no_such_index(moto_aws: Aws) -> None:
    definition: Any = table_definition(f"jobs-{ULID()}")
    indexes = definition["GlobalSecondaryIndexes"]
    older = [each for each in indexes if each["IndexName"] != BY_CHANGE]
    attributes = definition["AttributeDefinitions"]
    known = [each for each in attributes if each["AttributeName"] not in ("is_kept", "changed")]
    definition |= {"GlobalSecondaryIndexes": older, "AttributeDefinitions": known}
    moto_aws.dynamodb().create_table(**definition)
    store = DynamoJobStore(moto_aws, definition["TableName"])
    store.add(job())
    start = store.changes().cursor
    with pytest.raises(AwsError) as raised:
        store.changes(start)
    assert raised.value.code in NO_INDEX
    store.close()
