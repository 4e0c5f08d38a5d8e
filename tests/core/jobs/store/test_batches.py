"""DynamoDB may leave out what a batch asks for; it is asked again, and no list is cut short."""

import json
from collections.abc import Iterator

import pytest

from core.aws.client import Aws
from core.errors import AwsThrottled
from core.jobs.records import Job
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from tests.core.jobs.store.jobs import job
from tests.support.faulty_aws import Answer, Call, FaultyAws, faulty_aws

BATCH = "DynamoDB_20120810.BatchGetItem"


@pytest.fixture
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as opened:
        yield opened


@pytest.fixture
def store(account: FaultyAws) -> Iterator[DynamoJobStore]:
    aws = Aws(account.connection)
    aws.dynamodb().create_table(**table_definition("jobs"))
    opened = DynamoJobStore(aws, "jobs")
    yield opened
    opened.close()


def leave_out(call: Call, which: Job) -> Answer:
    """The answer of AWS where it had no time for one of the keys."""
    status, body, headers = call.forward()
    found = json.loads(body or b"{}")
    items = found["Responses"]["jobs"]
    found["Responses"]["jobs"] = [item for item in items if item["id"]["S"] != which.id]
    found["UnprocessedKeys"] = {"jobs": {"Keys": [{"id": {"S": which.id}}]}}
    kept = tuple(header for header in headers if header[0].lower() == "content-type")
    return Answer(status, json.dumps(found).encode(), kept)


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_left_out_is_asked_for_again(
    account: FaultyAws, store: DynamoJobStore, times: int
) -> None:
    jobs = [job(minute) for minute in range(3)]
    for one in jobs:
        store.add(one)
    calls: list[Call] = []

    def fault(call: Call) -> Answer:
        calls.append(call)
        return leave_out(call, jobs[1]) if len(calls) <= times else call.forward()

    account.faults[BATCH] = fault
    assert store.get_many([one.id for one in jobs]) == tuple(jobs)
    assert len(calls) == times + 1


def test_a_list_that_stays_incomplete_is_an_error(
    account: FaultyAws, store: DynamoJobStore
) -> None:
    first = job()
    store.add(first)
    account.faults[BATCH] = lambda call: leave_out(call, first)
    with pytest.raises(AwsThrottled):
        store.get_many([first.id])
