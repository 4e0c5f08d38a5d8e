"""Limits: those that ship, an admin's for a role, and an admin's for one person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import AwsUnreachable, InvalidInput, NotAllowed
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.team.quotas.limits import PERSON_LIMITS, SHIPPED, PersonLimits, QuotaLimits
from core.team.quotas.service import Quota, Quotas
from core.team.users import Role, User
from tests.core.team.conftest import MovedClock
from tests.core.team.quotas.conftest import ADA, EVE, Team


@pytest.mark.parametrize("role", Role)
def test_what_ships_counts_until_an_admin_sets_something(team: Team, role: Role) -> None:
    user = User(name="somebody", role=role)
    limits = {left.quota: left.limit for left in team.quotas.left(user)}
    assert limits == {quota: SHIPPED[role].of(quota) for quota in Quota}
    assert (role is Role.ADMIN) is (set(limits.values()) == {None})


@pytest.mark.parametrize(
    ("role", "person", "images", "endpoints"),
    [
        (None, {}, 1000, 2),
        (QuotaLimits(images_per_day=10), {}, 10, None),
        (QuotaLimits(images_per_day=10), {Quota.IMAGES: 20}, 20, None),
        (QuotaLimits(images_per_day=10, endpoints=1), {Quota.IMAGES: None}, None, 1),
        (None, {Quota.ENDPOINTS: 0}, 1000, 0),
    ],
)
def test_a_person_s_limit_goes_before_their_role_s(
    team: Team,
    role: QuotaLimits | None,
    person: dict[Quota, float | None],
    images: float | None,
    endpoints: float | None,
) -> None:
    if role:
        team.quotas.set_role_limits(EVE, Role.ARTIST, role)
    team.quotas.set_person_limits(EVE, ADA.name, person)
    assert team.left(Quota.IMAGES).limit == images
    assert team.left(Quota.ENDPOINTS).limit == endpoints
    assert team.left(Quota.IMAGES, User(name="bob", role=Role.OPERATOR)).limit == 5000


def test_another_dashboard_s_change_counts_within_seconds(
    store: RecordStore, team: Team, clock: MovedClock
) -> None:
    other = Team(store, clock)
    assert other.left(Quota.IMAGES).limit == 1000
    team.limit(images_per_day=5)
    team.quotas.set_role_limits(EVE, Role.ARTIST, QuotaLimits(endpoints=7))
    clock.move(seconds=11)
    assert other.left(Quota.IMAGES).limit == 5
    assert other.left(Quota.ENDPOINTS).limit == 7


def test_another_dashboard_s_images_show_within_seconds(
    store: RecordStore, team: Team, clock: MovedClock
) -> None:
    other = Team(store, clock)
    assert other.left(Quota.IMAGES).used == team.left(Quota.IMAGES).used == 0
    team.quotas.reserve_jobs(ADA, team.jobs(3))
    assert team.left(Quota.IMAGES).used == 3
    clock.move(seconds=11)
    assert other.left(Quota.IMAGES).used == 3


class SilentRecords(SqliteRecordStore):
    """Answers until it is told not to."""

    silent = False

    def get(self, *arguments: Any) -> Any:
        if self.silent:
            raise AwsUnreachable("No answer.")
        return super().get(*arguments)


def test_while_aws_is_silent_the_last_answers_stay(tmp_path: Path, clock: MovedClock) -> None:
    records = SilentRecords(tmp_path / "silent.sqlite")
    team = Team(records, clock)
    team.limit(images_per_day=5)
    known = team.quotas.left(ADA)
    records.silent = True
    clock.move(minutes=5)
    assert team.quotas.left(ADA) == known
    with pytest.raises(AwsUnreachable):
        team.quotas.left(EVE)
    with pytest.raises(AwsUnreachable):
        team.quotas.reserve_jobs(ADA, team.jobs(1))
    records.close()


def test_a_newer_version_s_limit_is_passed_over(store: RecordStore, team: Team) -> None:
    store.add(
        PERSON_LIMITS, ADA.name, "limits", PersonLimits(overrides={"videos": 1, "endpoints": 3})
    )
    assert team.left(Quota.ENDPOINTS).limit == 3


@pytest.mark.parametrize(
    "act",
    [
        lambda quotas: quotas.set_role_limits(ADA, Role.ARTIST, QuotaLimits()),
        lambda quotas: quotas.set_person_limits(ADA, ADA.name, {}),
        lambda quotas: quotas.role_limits(ADA),
        lambda quotas: quotas.person_limits(ADA, "bob"),
        lambda quotas: quotas.left_of(ADA, EVE),
    ],
)
def test_only_admins_see_and_set_limits(team: Team, act: Callable[[Quotas], object]) -> None:
    with pytest.raises(NotAllowed):
        act(team.quotas)


@pytest.mark.parametrize(
    ("quota", "limit"), [(Quota.IMAGES, -1), (Quota.IMAGES, 1.5), (Quota.DOLLARS, 1e16)]
)
def test_a_limit_that_is_none_is_refused(team: Team, quota: Quota, limit: float) -> None:
    with pytest.raises(InvalidInput) as refusal:
        team.quotas.set_person_limits(EVE, ADA.name, {quota: limit})
    assert refusal.value.field == quota
    assert team.quotas.person_limits(EVE, ADA.name) == PersonLimits()


def test_an_admin_reads_what_is_set(team: Team) -> None:
    team.limit(images_per_day=5)
    assert team.quotas.person_limits(EVE, ADA.name).overrides == {"images_per_day": 5}
    assert team.quotas.role_limits(EVE) == SHIPPED
    assert team.quotas.left_of(EVE, ADA) == team.quotas.left(ADA)
