"""Each quota refuses in words, at its field, and nobody is checked where nobody signs in."""

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import QuotaExceeded
from core.records.interface import RecordStore
from core.settings import Identity
from core.team.quotas.service import Quota, QuotaLeft
from core.team.quotas.usage import DAY_USAGE
from core.team.users import LOCAL, SYSTEM, User
from tests.core.team.conftest import MovedClock
from tests.core.team.quotas.conftest import ADA, Team, Used, utc


def submit(team: Team, user: User) -> None:
    team.quotas.reserve_jobs(user, team.jobs(1, 1))


def upload(team: Team, user: User) -> None:
    team.quotas.check_upload(user, 2 * 10**9)


def create(team: Team, user: User) -> None:
    team.quotas.check_endpoint(user)


Act = Callable[[Team, User], None]
ACTS = [submit, upload, create]
FULL: dict[str, float] = {quota.value: 0 for quota in Quota}


@pytest.mark.parametrize(
    ("act", "limits", "passing", "refused", "said"),
    [
        (
            submit,
            {"open_jobs": 10},
            Used(open_jobs=8),
            Used(open_jobs=9),
            ("", "Jobs queued or running at once: 9 of 10 used, this needs 2. Wait until a job"),
        ),
        (
            submit,
            {"dollars_per_month": 20},
            Used(dollars=19.99),
            Used(dollars=20.5),
            ("", "Cost of jobs a month: $20.50 of $20.00 used. It begins anew at 2026-12-01 00:00"),
        ),
        (
            upload,
            {"model_bytes": 10 * 10**9},
            Used(model_bytes=8 * 10**9),
            Used(model_bytes=8 * 10**9 + 1),
            (
                "paths",
                "Model files: 8.0 GB of 10.0 GB used, this needs 2.0 GB. Delete a",
            ),
        ),
        (
            create,
            {"endpoints": 2},
            Used(endpoints=1),
            Used(endpoints=2),
            ("name", "Endpoints: 2 of 2 used, this needs 1. Delete an endpoint of yours."),
        ),
    ],
)
def test_a_refusal(
    team: Team,
    act: Act,
    limits: dict[str, float],
    passing: Used,
    refused: Used,
    said: tuple[str, str],
) -> None:
    team.limit(**limits)
    team.used.__dict__.update(passing.__dict__)
    act(team, ADA)
    team.used.__dict__.update(refused.__dict__)
    before = team.left(Quota.IMAGES)
    with pytest.raises(QuotaExceeded) as refusal:
        act(team, ADA)
    assert (refusal.value.field, str(refusal.value)[: len(said[1])]) == said
    assert team.left(Quota.IMAGES) == before


@pytest.mark.parametrize("act", ACTS)
def test_the_studio_itself_and_people_without_limits_pass(team: Team, act: Act) -> None:
    team.limit(**FULL)
    with pytest.raises(QuotaExceeded):
        act(team, ADA)
    act(team, SYSTEM)
    team.limit(**dict.fromkeys(FULL))
    act(team, ADA)


@pytest.mark.parametrize("act", ACTS)
def test_without_an_identity_nothing_is_checked_and_nothing_kept(
    store: RecordStore, clock: MovedClock, act: Act
) -> None:
    Team(store, clock).quotas.set_person_limits(SYSTEM, LOCAL.name, dict.fromkeys(Quota, 0))
    team = Team(store, clock, Identity.NONE)
    act(team, LOCAL)
    assert team.quotas.left(LOCAL) == ()
    assert not store.page(DAY_USAGE).records


def test_what_is_left(team: Team) -> None:
    team.limit(images_per_day=4, dollars_per_month=None, endpoints=0)
    team.used.__dict__.update(open_jobs=5, model_bytes=25 * 10**9, dollars=1.5)
    team.quotas.reserve_jobs(ADA, team.jobs(3))
    day, month = utc("2026-11-02"), utc("2026-12-01")
    expected: list[tuple[Any, ...]] = [
        (Quota.OPEN_JOBS, 5, 50, None, 45, 0.1),
        (Quota.IMAGES, 3, 4, day, 1, 0.75),
        (Quota.MEGAPIXEL_STEPS, 3, 50_000, day, 49_997, 0.00006),
        (Quota.MODEL_BYTES, 25e9, 100e9, None, 75e9, 0.25),
        (Quota.ENDPOINTS, 0, 0, None, 0, 1),
        (Quota.DOLLARS, 1.5, None, month, None, 0),
    ]
    assert [row(left) for left in team.quotas.left(ADA)] == expected


def row(left: QuotaLeft) -> tuple[Any, ...]:
    return left.quota, left.used, left.limit, left.resets_at, left.left, left.share
