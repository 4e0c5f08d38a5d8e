"""What admins do with people, and that a team never loses its last admin."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.errors import AwsUnreachable, Conflict, NotAllowed, NotFound
from core.records.interface import RecordKind
from core.records.sqlite import SqliteRecordStore
from core.team.administration.last_admin import LEAVING_ADMINS
from core.team.users import Role, User
from tests.core.team.conftest import MovedClock, Team

ACTIONS: dict[str, Callable[[Team, User, str], object]] = {
    "demote": lambda t, u, n: t.administration.give_role(u, n, Role.OPERATOR),
    "take back": lambda t, u, n: t.administration.give_role(u, n, None),
    "disable": lambda t, u, n: t.administration.set_disabled(u, n, disabled=True),
    "remove": lambda t, u, n: t.administration.begin_removal(u, n),
}
EACH_ACTION = pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)


def test_the_list_is_sorted_by_what_is_shown_and_paged(team: Team) -> None:
    ada = team.join("zoe", Role.ADMIN)
    for name in ("bob", "Carl", "ann", "dora"):
        team.join(name)
    first = team.administration.page(ada, limit=2)
    second = team.administration.page(ada, offset=2, limit=2)
    assert [p.title.partition("@")[0] for p in first.people] == ["ann", "bob"]
    assert [p.title.partition("@")[0] for p in second.people] == ["Carl", "dora"]
    assert (first.total, second.total) == (5, 5)
    found = team.administration.page(ada, "CARL")
    assert ([p.name for p in found.people], found.total) == (["Carl"], 1)


@pytest.mark.parametrize("role", Role)
def test_admins_alone_see_and_change_people(team: Team, role: Role) -> None:
    team.join("root", Role.ADMIN)
    asking, other = team.join("me", role), team.join("bob")
    calls: list[Callable[[], object]] = [
        lambda: team.administration.page(asking),
        lambda: team.administration.find(asking, other.name),
        *(lambda act=act: act(team, asking, other.name) for act in ACTIONS.values()),
    ]
    for call in calls:
        if role is Role.ADMIN:
            call()
        else:
            with pytest.raises(NotAllowed):
                call()
    person = team.people.find("bob")
    assert person
    assert person.disabled is (role is Role.ADMIN)


def test_a_role_is_given_and_taken_back(team: Team) -> None:
    ada = team.join("ada", Role.ADMIN)
    team.join("bob")
    team.administration.give_role(ada, "bob", Role.OPERATOR)
    listed = team.administration.find(ada, "bob")
    assert (listed.role, listed.given) == (Role.OPERATOR, Role.OPERATOR)
    team.administration.give_role(ada, "bob", None)
    listed = team.administration.find(ada, "bob")
    assert (listed.role, listed.given) == (Role.ARTIST, None)


@EACH_ACTION
def test_the_last_admin_stays(team: Team, act: Callable[..., object]) -> None:
    ada = team.join("ada", Role.ADMIN)
    team.join("off", Role.ADMIN, disabled=True)
    team.join("bob", Role.OPERATOR)
    with pytest.raises(NotAllowed, match="last admin"):
        act(team, ada, "ada")
    assert team.admins() == {"ada"}


@EACH_ACTION
def test_one_of_two_may_go(team: Team, act: Callable[..., object]) -> None:
    ada = team.join("ada", Role.ADMIN)
    team.join("bob", Role.ADMIN)
    act(team, ada, "ada")
    assert team.admins() == {"bob"}
    left = team.records.page(LEAVING_ADMINS).records[0].value
    assert left.admins == ()


@EACH_ACTION
def test_the_settings_admin_counts_and_stays(
    records: SqliteRecordStore, clock: MovedClock, act: Callable[..., object]
) -> None:
    team = Team(records, clock, admins="root@example.com")
    root, ada = team.join("root"), team.join("ada", Role.ADMIN)
    with pytest.raises(Conflict, match="CONTRAPPOSTO_ADMINS"):
        act(team, ada, "root")
    act(team, root, "ada")
    assert team.admins() == {"root"}


@EACH_ACTION
def test_nobody_is_not_found(team: Team, act: Callable[..., object]) -> None:
    with pytest.raises(NotFound):
        act(team, team.join("ada", Role.ADMIN), "nobody")


class Meanwhile(SqliteRecordStore):
    """Lets another dashboard act right before a write of one kind."""

    before: Callable[[], object] | None = None

    def _act(self, kind: str) -> None:
        act, is_now = self.before, kind == LEAVING_ADMINS.name
        if act and is_now:
            self.before = None
            act()

    def add(self, kind: RecordKind[Any], *arguments: Any) -> Any:
        self._act(kind.name)
        return super().add(kind, *arguments)

    def replace(self, record: Any, value: Any) -> Any:
        self._act(record.kind)
        return super().replace(record, value)


@EACH_ACTION
@pytest.mark.parametrize("has_happened", [False, True])
def test_two_admins_who_take_each_others_role_leave_one(
    tmp_path: Path, clock: MovedClock, act: Callable[..., object], has_happened: bool
) -> None:
    here = Team(Meanwhile(tmp_path / "records.sqlite"), clock)
    there = Team(SqliteRecordStore(tmp_path / "records.sqlite"), clock)
    ada, bob = here.join("ada", Role.ADMIN), here.join("bob", Role.ADMIN)
    if has_happened:  # so that the record is there, and is replaced
        eve = here.join("eve", Role.ADMIN)
        here.administration.give_role(ada, eve.name, None)
    assert isinstance(here.records, Meanwhile)
    here.records.before = lambda: act(there, bob, "ada")
    with pytest.raises(NotAllowed, match="last admin"):
        act(here, ada, "bob")
    assert here.admins() == {"bob"}
    here.records.close()
    there.records.close()


def test_many_at_once_leave_one(tmp_path: Path, clock: MovedClock) -> None:
    first = Team(SqliteRecordStore(tmp_path / "records.sqlite"), clock)
    users = [first.join(f"admin{n}", Role.ADMIN) for n in range(6)]
    teams = [Team(SqliteRecordStore(tmp_path / "records.sqlite"), clock) for _ in users]

    def leave(number: int) -> None:
        with suppress(NotAllowed):
            teams[number].administration.give_role(users[number], users[number].name, Role.VIEWER)

    with ThreadPoolExecutor(len(users)) as pool:
        list(pool.map(leave, range(len(users))))
    assert len(first.admins()) == 1
    for team in (first, *teams):
        team.records.close()


class LosesAnswers(SqliteRecordStore):
    """Writes people, and says that it could not."""

    def replace(self, record: Any, value: Any) -> Any:
        stored = super().replace(record, value)
        if record.kind == "person" and value.role is Role.VIEWER:
            raise AwsUnreachable("No answer.")
        return stored


def test_whose_role_may_have_been_taken_counts_as_no_admin(
    tmp_path: Path, clock: MovedClock
) -> None:
    team = Team(LosesAnswers(tmp_path / "records.sqlite"), clock)
    ada = team.join("ada", Role.ADMIN)
    team.join("bob", Role.ADMIN)
    with pytest.raises(AwsUnreachable):
        team.administration.give_role(ada, "ada", Role.VIEWER)
    team.join("ada", Role.ADMIN)  # as if it had not been written
    with pytest.raises(NotAllowed, match="last admin"):
        team.administration.give_role(ada, "bob", Role.ARTIST)
    clock.move(minutes=11)
    team.administration.give_role(ada, "bob", Role.ARTIST)
    assert team.admins() == {"ada"}
    team.records.close()
