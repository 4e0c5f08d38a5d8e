"""Who signs in joins the team, with the role that an admin, a group or the settings give."""

from typing import Any

import pytest

from core.errors import AwsUnreachable, NotAllowed
from core.records.sqlite import SqliteRecordStore
from core.settings import Settings
from core.team.people import PEOPLE, REMOVED_PEOPLE, People, SignIn
from core.team.users import Role
from tests.core.team.conftest import MovedClock, SilentRecords

ADA = SignIn(name="idp.example/ada", title="ada@example.com", groups=("designers",))


def people(records: SqliteRecordStore, clock: MovedClock, **settings: Any) -> People:
    return People(records, Settings(**settings), clock)


def give(records: SqliteRecordStore, **changes: Any) -> None:
    record = records.get(PEOPLE, ADA.name, "person")
    assert record
    records.replace(record, record.value.model_copy(update=changes))


@pytest.mark.parametrize(
    ("settings", "given", "role"),
    [
        ({}, None, Role.ARTIST),
        ({"default_role": Role.VIEWER}, None, Role.VIEWER),
        ({"group_roles": "designers=operator"}, None, Role.OPERATOR),
        ({"group_roles": "others=operator"}, None, Role.ARTIST),
        ({"group_roles": "designers=viewer, designers=operator"}, None, Role.OPERATOR),
        ({"group_roles": "designers=operator"}, Role.VIEWER, Role.VIEWER),
        ({"admins": "ADA@example.com"}, Role.VIEWER, Role.ADMIN),
        ({"admins": "bob, idp.example/ada"}, None, Role.ADMIN),
        ({"admins": ","}, None, Role.ARTIST),
    ],
)
def test_the_role(
    records: SqliteRecordStore,
    clock: MovedClock,
    settings: dict[str, Any],
    given: Role | None,
    role: Role,
) -> None:
    team = people(records, clock, **settings)
    team.enter(ADA)
    give(records, role=given)
    clock.move(seconds=11)
    assert team.enter(ADA).role is role


def test_an_address_without_a_name_makes_nobody_an_admin(
    records: SqliteRecordStore, clock: MovedClock
) -> None:
    nobody = SignIn(name="idp.example/eve")
    assert people(records, clock, admins=",ada@example.com").enter(nobody).role is Role.ARTIST


def test_somebody_disabled_is_turned_away_within_seconds(
    records: SqliteRecordStore, clock: MovedClock
) -> None:
    team = people(records, clock)
    assert team.enter(ADA).title == "ada@example.com"
    give(records, disabled=True)
    clock.move(seconds=11)
    with pytest.raises(NotAllowed, match="disabled"):
        team.enter(ADA)


def test_reruns_cost_no_write(records: SqliteRecordStore, clock: MovedClock) -> None:
    team = people(records, clock)
    team.enter(ADA)
    first = records.get(PEOPLE, ADA.name, "person")
    clock.move(minutes=59)
    team.enter(ADA)
    assert records.get(PEOPLE, ADA.name, "person") == first
    clock.move(minutes=2)
    team.enter(ADA)
    last = records.get(PEOPLE, ADA.name, "person")
    assert last
    assert last.value.last_seen == clock()


def test_an_older_login_does_not_bring_back_what_the_provider_took(
    records: SqliteRecordStore, clock: MovedClock
) -> None:
    """Two browsers, two dashboards: the newer login has lost the group that the older one has."""
    old = ADA.model_copy(update={"groups": ("platform",), "told_at": 1000.0})
    new = ADA.model_copy(update={"told_at": 2000.0})
    here, there = (people(records, clock, group_roles="platform=admin") for _ in range(2))
    assert here.enter(old).role is Role.ADMIN
    assert there.enter(new).role is Role.ARTIST
    before = records.get(PEOPLE, ADA.name, "person")
    clock.move(seconds=11)
    for _ in range(3):
        assert here.enter(old).role is Role.ARTIST
        assert there.enter(new).role is Role.ARTIST
    assert records.get(PEOPLE, ADA.name, "person") == before, "they don't write against each other"
    clock.move(hours=2)
    assert here.enter(old).role is Role.ARTIST
    newest = old.model_copy(update={"told_at": 3000.0})
    assert there.enter(newest).role is Role.ADMIN


def test_whom_a_dashboard_knows_works_on_while_aws_is_silent(
    silent_records: SilentRecords, clock: MovedClock
) -> None:
    team = people(silent_records, clock)
    known = team.enter(ADA)
    silent_records.silent = True
    clock.move(minutes=5)
    assert team.enter(ADA) == known
    with pytest.raises(AwsUnreachable):
        team.enter(SignIn(name="idp.example/eve"))


def test_who_was_removed_joins_anew_when_their_logins_have_ended(
    records: SqliteRecordStore, clock: MovedClock
) -> None:
    team = people(records, clock, session_hours=12)
    team.enter(ADA)
    give(records, role=Role.OPERATOR, removing=True, disabled=True)
    team.forget(ADA.name)
    clock.move(hours=11.9)
    with pytest.raises(NotAllowed, match="12 hours"):
        team.enter(ADA)
    assert ADA.name not in records.page(REMOVED_PEOPLE).records[0].model_dump_json()
    clock.move(hours=0.2)
    assert team.enter(ADA).role is Role.ARTIST
