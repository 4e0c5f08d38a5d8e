"""An admin tells everybody something; under maintenance nothing new begins."""

import pytest

from core.errors import InvalidInput, NotAllowed
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.announcements import MAX_ANNOUNCEMENT, Announcements
from core.team.permissions import Action, Item, Kind
from core.team.users import Role, User
from tests.core.team.conftest import MovedClock

ADMIN = User(name="ada", role=Role.ADMIN, title="ada@example.com")
ARTIST = User(name="bob", role=Role.ARTIST)
HIS_JOB = Item(kind=Kind.JOB, owner=ARTIST.name)


@pytest.fixture
def access() -> Access:
    return Access()


@pytest.fixture
def announcements(records: SqliteRecordStore, clock: MovedClock, access: Access) -> Announcements:
    opened = Announcements(records, access, clock)
    access.maintenance = opened.maintenance
    return opened


def test_everybody_is_told_until_it_is_taken_back(announcements: Announcements) -> None:
    assert announcements.current() is None
    announcements.publish(ADMIN, "  New checkpoints. ", maintenance=False)
    current = announcements.current()
    assert current
    assert (current.text, current.by) == ("New checkpoints.", "ada@example.com")
    announcements.publish(ADMIN, " ", maintenance=False)
    assert announcements.current() is None


def test_another_dashboard_tells_it_within_seconds(
    announcements: Announcements, records: SqliteRecordStore, clock: MovedClock
) -> None:
    other = Announcements(records, Access(), clock)
    assert other.current() is None
    announcements.publish(ADMIN, "Hello", maintenance=False)
    clock.move(seconds=11)
    assert other.current() == announcements.current()


def test_under_maintenance_nothing_new_begins_but_an_admins(
    announcements: Announcements, access: Access
) -> None:
    access.require(ARTIST, Action.CREATE, HIS_JOB)
    announcements.publish(ADMIN, "Back at noon.", maintenance=True)
    with pytest.raises(NotAllowed, match=r"maintenance.*Back at noon"):
        access.require(ARTIST, Action.CREATE, HIS_JOB)
    for action in (Action.SEE, Action.CHANGE, Action.DELETE):
        access.require(ARTIST, action, HIS_JOB)
    access.require(ADMIN, Action.CREATE, Item(kind=Kind.JOB, owner=ADMIN.name))
    announcements.publish(ADMIN, "", maintenance=False)
    access.require(ARTIST, Action.CREATE, HIS_JOB)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ARTIST, Role.OPERATOR])
def test_only_admins_tell(announcements: Announcements, role: Role) -> None:
    with pytest.raises(NotAllowed):
        announcements.publish(User(name="eve", role=role), "Hi", maintenance=True)
    assert announcements.current() is None


def test_a_long_message_is_refused(announcements: Announcements) -> None:
    with pytest.raises(InvalidInput, match="500 characters"):
        announcements.publish(ADMIN, "x" * (MAX_ANNOUNCEMENT + 1), maintenance=False)
    assert announcements.current() is None
