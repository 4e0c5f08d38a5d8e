"""What a job cost: its seconds on the instance, its share of each batch, counted once a job."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.endpoints.costs.job_usage import JOB_USAGE, count_job, job_seconds
from core.ids import new_id
from core.records.interface import RecordStore
from formats.generation.result import GenerationResult

START = datetime(2026, 11, 22, 23, 59, 50, tzinfo=UTC)


def result(*batches: tuple[int, int], seconds: float = 20, **changes: Any) -> GenerationResult:
    """One with an image for each size of a batch and place in it."""
    sizes = {"width": 64, "height": 64, "sha256": "0" * 64, "infotext": "", "seed": 1}
    pictures = [
        {**sizes, "index": index, "batch": size, "seat": seat}
        for index, (size, seat) in enumerate(batches)
    ]
    values = {
        "id": new_id(),
        "outcome": "succeeded",
        "pictures": pictures,
        "started_at": START,
        "ended_at": START + timedelta(seconds=seconds),
    }
    return GenerationResult.model_validate({**values, **changes})


@pytest.mark.parametrize(
    ("batches", "share"),
    [
        ([], 1),  # nothing was made, and the instance was busy
        ([(1, 0)], 1),
        ([(4, 0), (4, 1), (4, 2), (4, 3)], 1),  # alone
        ([(8, 5)], 1 / 8),  # beside seven of others
        ([(4, 0), (4, 1)], 1 / 2),
        ([(2, 0), (2, 1), (2, 0), (2, 1)], 1),  # two batches, alone
        ([(2, 0), (2, 1), (4, 2), (4, 3)], 3 / 4),  # the second beside somebody else's
        ([(1, 0), (8, 1)], (1 + 1 / 8) / 2),
    ],
)
def test_the_share_of_an_instance(batches: list[tuple[int, int]], share: float) -> None:
    assert job_seconds(result(*batches)) == pytest.approx(20 * share)


def test_a_clock_set_back_costs_nothing() -> None:
    assert job_seconds(result((1, 0), seconds=-5)) == 0


def test_jobs_add_up_by_user_and_day_and_count_once(records: RecordStore) -> None:
    first, second = result((1, 0)), result((2, 0), seconds=8)
    for one in (first, second, first):
        count_job(records, "ann", "ml.g5.xlarge", one)
    count_job(records, "ann", "ml.m5.large", second.model_copy(update={"id": new_id()}))
    count_job(records, "bob", "ml.g5.xlarge", first)
    found = {
        (record.owner, record.id): (record.value.jobs, record.value.images, record.value.seconds)
        for record in records.page(JOB_USAGE).records
    }
    assert found == {
        ("ann", "2026-11-23"): (1, 1, {"ml.g5.xlarge": 20}),
        ("ann", "2026-11-22"): (2, 2, {"ml.g5.xlarge": 4, "ml.m5.large": 4}),
        ("bob", "2026-11-23"): (1, 1, {"ml.g5.xlarge": 20}),
    }
