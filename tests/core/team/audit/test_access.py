"""The one check tells the audit what was done, refused or failed, and never of mere looks."""

from typing import NamedTuple

import pytest

from core.errors import AwsDenied, InvalidInput, NotAllowed
from core.team.access import Access
from core.team.audit.entries import AuditEvent, Outcome
from core.team.permissions import Action, Item, Kind, is_allowed
from core.team.users import Role, User

ADA = User(name="ada", role=Role.OPERATOR, title="ada@example.com", origin="203.0.113.7")
ENDPOINT = Item(kind=Kind.ENDPOINT, owner="bob")


class Told(NamedTuple):
    user: str
    event: AuditEvent
    kind: str
    subject: str
    outcome: Outcome
    reason: str


class Notes(list[Told]):
    def __call__(
        self,
        user: User,
        event: AuditEvent,
        *,
        kind: str = "",
        subject: str = "",
        outcome: Outcome = Outcome.DONE,
        reason: str = "",
    ) -> None:
        self.append(Told(user.name, event, kind, subject, outcome, reason))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (None, Outcome.DONE, ""),
        (NotAllowed("Not you."), Outcome.REFUSED, "NotAllowed"),
        (AwsDenied("secret words", "AccessDenied"), Outcome.FAILED, "AwsDenied AccessDenied"),
        (InvalidInput("a prompt"), Outcome.FAILED, "InvalidInput"),
        (ZeroDivisionError("more"), Outcome.FAILED, "ZeroDivisionError"),
    ],
)
def test_what_came_of_it(
    notes: Notes, error: Exception | None, outcome: Outcome, reason: str
) -> None:
    def act() -> None:
        with Access(is_allowed, notes).acting(ADA, Action.CHANGE, ENDPOINT, "cats"):
            if error:
                raise error

    if error:
        with pytest.raises(type(error)):
            act()
    else:
        act()
    assert notes == [("ada", AuditEvent.CHANGE, "endpoint", "cats", outcome, reason)]


def test_who_may_not_does_not_begin(notes: Notes) -> None:
    begun = False
    viewer = User(name="vic")
    with (
        pytest.raises(NotAllowed),
        Access(is_allowed, notes).acting(
            viewer, Action.DELETE, ENDPOINT, "cats", event=AuditEvent.STOP
        ),
    ):
        begun = True
    assert not begun
    assert notes == [("vic", AuditEvent.STOP, "endpoint", "cats", Outcome.REFUSED, "NotAllowed")]


def test_each_thing_made_has_an_entry(notes: Notes) -> None:
    jobs = Item(kind=Kind.JOB, owner="ada")
    with Access(is_allowed, notes).acting(ADA, Action.CREATE, jobs) as act:
        act.name("one", "two")
    assert [(told.subject, told.outcome) for told in notes] == [
        ("one", Outcome.DONE),
        ("two", Outcome.DONE),
    ]


def test_of_looks_only_refused_ones_are_told(notes: Notes) -> None:
    access = Access(is_allowed, notes)
    secret = Item(kind=Kind.AUDIT)
    access.require(ADA, Action.SEE, ENDPOINT)
    assert not access.may(ADA, Action.SEE, secret)
    assert notes == []
    with pytest.raises(NotAllowed):
        access.require(ADA, Action.SEE, secret)
    assert notes == [("ada", AuditEvent.SEE, "audit", "", Outcome.REFUSED, "NotAllowed")]
