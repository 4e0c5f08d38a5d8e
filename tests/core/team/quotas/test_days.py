"""What is counted by day: reserved before, given back once, and never passed by a race."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.aws.client import Aws, Connection
from core.errors import QuotaExceeded
from core.records.dynamodb import DynamoRecordStore
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.team.quotas.service import Quota
from core.team.quotas.usage import day_of, megapixel_steps, next_day, next_month
from tests.core.team.conftest import MovedClock
from tests.core.team.quotas.conftest import ADA, Team, utc

UPSCALE: dict[str, Any] = {
    "mode": "upscale",
    "checkpoint": None,
    "init_image": "0" * 64,
    "upscale": {},
}


@pytest.mark.parametrize(
    ("images", "changes", "steps"),
    [
        (1, {}, 1),
        (4, {"steps": 30}, 120),
        (2, {"width": 512, "height": 768, "steps": 20}, 15.72864),
        (1, {"batch_size": 3}, 3),
        (1, {"hires": {"scale": 2}}, 5),
        (2, {"steps": 10, "hires": {"scale": 1.5, "steps": 4}}, 20 + 2 * 4 * 1.496**2),
        (1, {"mode": "img2img", "init_image": "0" * 64, "denoising_strength": 0.1}, 1),
        (1, UPSCALE, 0),
    ],
)
def test_megapixel_steps(team: Team, images: int, changes: dict[str, Any], steps: float) -> None:
    (request,) = team.jobs(images, **changes)
    assert megapixel_steps(request) == pytest.approx(steps)
    team.quotas.reserve_jobs(ADA, [request])
    assert team.left(Quota.MEGAPIXEL_STEPS).used == pytest.approx(steps)
    assert team.left(Quota.IMAGES).used == request.image_count


@pytest.mark.parametrize(
    ("now", "day", "tomorrow", "month"),
    [
        (utc("2026-11-22 09:00"), "2026-11-22", utc("2026-11-23"), utc("2026-12-01")),
        (utc("2026-11-30 23:59"), "2026-11-30", utc("2026-12-01"), utc("2026-12-01")),
        (utc("2026-12-31"), "2026-12-31", utc("2027-01-01"), utc("2027-01-01")),
        (utc("2028-02-29 00:01"), "2028-02-29", utc("2028-03-01"), utc("2028-03-01")),
        (
            datetime.fromisoformat("2026-11-30T23:30:00-05:00"),
            "2026-12-01",
            utc("2026-12-02"),
            utc("2027-01-01"),
        ),
    ],
)
def test_edges(now: datetime, day: str, tomorrow: datetime, month: datetime) -> None:
    assert (day_of(now), next_day(now), next_month(now)) == (day, tomorrow, month)


def test_a_click_is_taken_whole_or_not_at_all(team: Team) -> None:
    team.limit(images_per_day=10)
    team.quotas.reserve_jobs(ADA, team.jobs(4, 4))
    with pytest.raises(QuotaExceeded) as refusal:
        team.quotas.reserve_jobs(ADA, team.jobs(1, 2))
    assert (str(refusal.value), refusal.value.field) == (
        "Images a day: 8 of 10 used, this needs 3. It begins anew at 2026-11-02 00:00 UTC. "
        "An admin of your team can give you more.",
        "",
    )
    assert team.left(Quota.IMAGES).left == 2
    team.quotas.reserve_jobs(ADA, team.jobs(2))
    assert team.left(Quota.IMAGES).share == 1


def test_the_next_day_begins_anew(team: Team, clock: MovedClock) -> None:
    team.limit(images_per_day=1, megapixel_steps_per_day=1.5)
    clock.now = utc("2026-11-30 23:59:59")
    team.quotas.reserve_jobs(ADA, team.jobs(1))
    with pytest.raises(QuotaExceeded):
        team.quotas.reserve_jobs(ADA, team.jobs(1))
    assert team.left(Quota.IMAGES).resets_at == utc("2026-12-01")
    clock.move(seconds=1)
    assert team.left(Quota.IMAGES).used == 0
    team.quotas.reserve_jobs(ADA, team.jobs(1))


def test_what_never_ran_is_given_back_once(team: Team, clock: MovedClock) -> None:
    first, second = jobs = team.jobs(3, 2)
    team.quotas.reserve_jobs(ADA, jobs)
    clock.move(days=1)  # it counts for the day of the click
    team.quotas.reserve_jobs(ADA, team.jobs(1))
    for _ in range(2):
        team.quotas.settle_job(ADA.name, first.id, has_run=False)
    team.quotas.settle_job(ADA.name, second.id, has_run=True)
    team.quotas.settle_job("somebody else", second.id, has_run=False)
    assert team.left(Quota.IMAGES).used == 1
    clock.move(days=-1)
    assert team.left(Quota.IMAGES).used == team.left(Quota.MEGAPIXEL_STEPS).used == 2
    for _ in range(2):
        team.quotas.settle_job(ADA.name, first.id, has_run=True)
    assert team.left(Quota.IMAGES).used == team.left(Quota.MEGAPIXEL_STEPS).used == 5


def test_a_lowered_limit_refuses_what_needs_more_alone(team: Team) -> None:
    team.quotas.reserve_jobs(ADA, team.jobs(5))
    team.limit(megapixel_steps_per_day=2)
    assert team.left(Quota.MEGAPIXEL_STEPS).left == 0
    with pytest.raises(QuotaExceeded, match="Megapixel-steps a day: 5 of 2 used, this needs 1"):
        team.quotas.reserve_jobs(ADA, team.jobs(1))
    team.quotas.reserve_jobs(ADA, team.jobs(1, **UPSCALE))


def test_a_day_of_many_jobs_stays_one_small_record(team: Team) -> None:
    jobs = [team.jobs(1)[0] for _ in range(620)]
    for start in range(0, 620, 62):
        team.quotas.reserve_jobs(EVERYTHING, jobs[start : start + 62])
    team.quotas.settle_job(ADA.name, jobs[0].id, has_run=False)
    assert team.left(Quota.IMAGES).used == 620
    team.quotas.settle_job(ADA.name, jobs[-1].id, has_run=False)
    assert team.left(Quota.IMAGES).used == 619


EVERYTHING = ADA.model_copy(update={"role": "admin"})


def test_a_job_that_is_counted_counts_once(team: Team) -> None:
    jobs = team.jobs(1, 1, 1)
    team.limit(images_per_day=3)
    for _ in range(2):
        team.quotas.reserve_jobs(ADA, jobs)
    assert team.left(Quota.IMAGES).used == 3
    team.quotas.settle_job(ADA.name, jobs[0].id, has_run=False)
    assert team.left(Quota.IMAGES).used == 2
    team.quotas.reserve_jobs(ADA, jobs)
    assert team.left(Quota.IMAGES).used == 3


def test_two_dashboards_can_not_both_pass_the_last_image(
    store: RecordStore, team: Team, clock: MovedClock, tmp_path: Path, connection: Connection
) -> None:
    team.limit(images_per_day=7)
    if isinstance(store, DynamoRecordStore):
        second: RecordStore = DynamoRecordStore(Aws(connection), store._table)
    else:
        second = SqliteRecordStore(tmp_path / "records.sqlite")
    dashboards = [team, Team(second, clock)]

    def click(turn: int) -> bool:
        try:
            dashboards[turn % 2].quotas.reserve_jobs(ADA, team.jobs(1))
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(click, range(16)))
    second.close()
    assert sum(passed) == 7
    assert team.left(Quota.IMAGES).used == 7
