"""A write whose first answer was lost, so that boto3 sent it twice, has held once."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import AwsConflict
from core.jobs.records import JobState
from tests.core.jobs.conftest import Workshop
from tests.support.faulty_aws import lose_first_answer

KEY = "poses/a.json"
PUT = "DynamoDB_20120810.PutItem"


def test_a_new_object_is_stored(workshop: Workshop) -> None:
    workshop.account.faults[f"PUT /my-team-bucket/{KEY}"] = lose_first_answer()
    workshop.storage.write(KEY, b"ours", "text/plain", if_absent=True)
    assert workshop.storage.read(KEY).data == b"ours"


def test_an_object_is_replaced(workshop: Workshop) -> None:
    workshop.storage.write(KEY, b"before", "text/plain")
    before = workshop.storage.read(KEY)
    workshop.account.faults[f"PUT /my-team-bucket/{KEY}"] = lose_first_answer()
    workshop.storage.replace(KEY, b"after", "text/plain", before.etag)
    assert workshop.storage.read(KEY).data == b"after"


def test_what_somebody_else_wrote_is_a_conflict(workshop: Workshop) -> None:
    workshop.storage.write(KEY, b"theirs", "text/plain")
    workshop.account.faults[f"PUT /my-team-bucket/{KEY}"] = lose_first_answer()
    with pytest.raises(AwsConflict):
        workshop.storage.write(KEY, b"ours", "text/plain", if_absent=True)


@pytest.mark.parametrize(
    ("call", "act", "answer"),
    [
        (PUT, lambda shop, job: shop.store.add(job), True),
        (
            PUT,
            lambda shop, job: (
                shop.store.add(job)
                and shop.store.update(job.id, {JobState.CANCELLED}, {"steps": 9}).steps
            ),
            9,
        ),
        (
            "DynamoDB_20120810.DeleteItem",
            lambda shop, job: shop.store.add(job) and shop.store.delete(job.id),
            True,
        ),
    ],
    ids=["add", "update", "delete"],
)
def test_a_record_is_written_once(
    workshop: Workshop, call: str, act: Callable[[Workshop, Any], object], answer: object
) -> None:
    job = workshop.job(state=JobState.CANCELLED)
    workshop.store.delete(job.id)
    workshop.account.faults[call] = lose_first_answer()
    assert act(workshop, job) == answer


def test_a_taken_id_stays_a_conflict(workshop: Workshop) -> None:
    job = workshop.job()
    workshop.account.faults[PUT] = lose_first_answer()
    assert not workshop.store.add(job.with_changes({"prompt": "another"}))
