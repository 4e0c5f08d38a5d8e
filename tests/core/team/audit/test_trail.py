"""Whoever may reads the audit by page, filter and day; what is too old goes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.aws.client import Aws, Connection
from core.errors import InvalidInput, NotAllowed
from core.ids import new_id
from core.records.dynamodb import DynamoRecordStore, records_table_definition
from core.records.interface import RecordStore
from core.team.access import Access
from core.team.audit.entries import AUDIT, AuditEntry, AuditEvent, Outcome, day_of
from core.team.audit.log import id_at
from core.team.audit.trail import AuditFilter, AuditRetention, AuditTrail
from core.team.users import Role, User
from tests.core.team.conftest import MovedClock

ADMIN = User(name="root", role=Role.ADMIN)
START = datetime(2026, 10, 30, tzinfo=UTC)


def keep(store: RecordStore, at: datetime, subject: str, **changes: Any) -> None:
    values: dict[str, Any] = {"event": AuditEvent.CREATE, "outcome": Outcome.DONE} | changes
    entry = AuditEntry(id=id_at(at), at=at, user="idp/ada", subject=subject, **values)
    store.add(AUDIT, day_of(at), entry.id, entry)


def hours(store: RecordStore, count: int) -> None:
    """An entry each hour from `START` on: even ones are of Bob, each third one was refused."""
    for hour in range(count):
        who = {"title": "Bob@example.com"} if hour % 2 == 0 else {"title": "ada@example.com"}
        outcome = Outcome.REFUSED if hour % 3 == 0 else Outcome.DONE
        keep(store, START + timedelta(hours=hour), str(hour), outcome=outcome, **who)


def subjects(trail: AuditTrail, which: AuditFilter, limit: int) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        page = trail.page(ADMIN, which, cursor, limit)
        assert len(page.entries) <= limit
        found += [int(entry.subject) for entry in page.entries]
        if (cursor := page.cursor) is None:
            return found


@pytest.mark.parametrize("limit", [1, 7])
@pytest.mark.parametrize(
    ("which", "wanted"),
    [
        (AuditFilter(), range(24)),
        (AuditFilter(person=" BOB@ "), range(0, 24, 2)),
        (AuditFilter(person="idp/ADA"), range(24)),
        (AuditFilter(person="nobody"), range(0)),
        (AuditFilter(event=AuditEvent.DELETE), range(0)),
        (AuditFilter(outcome=Outcome.REFUSED), range(0, 24, 3)),
        (AuditFilter(since=START + timedelta(hours=14)), range(14, 24)),
        (AuditFilter(until=START + timedelta(hours=10)), range(10)),
        (
            AuditFilter(since=START + timedelta(hours=11), until=START + timedelta(hours=15)),
            range(11, 15),
        ),
        (AuditFilter(person="bob", until=START + timedelta(hours=9)), range(0, 9, 2)),
        (AuditFilter(until=START), range(0)),
    ],
)
def test_what_a_filter_takes(
    store: RecordStore, which: AuditFilter, wanted: range, limit: int
) -> None:
    hours(store, 24)
    trail = AuditTrail(store, Access(), scanned=10)
    assert subjects(trail, which, limit) == list(wanted)[::-1]
    everything = trail.everything(ADMIN, which)
    assert [int(entry.subject) for entry in everything] == list(wanted)[::-1]


def test_a_page_costs_one_query_and_with_a_filter_two(connection: Connection) -> None:
    aws, table = Aws(connection), f"records-{new_id()}"
    aws.dynamodb().create_table(**records_table_definition(table))
    store = DynamoRecordStore(aws, table)
    hours(store, 60)
    asked: list[str] = []
    store._db.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    trail = AuditTrail(store, Access())
    assert len(trail.page(ADMIN, AuditFilter(until=START + timedelta(hours=55))).entries) == 50
    assert asked == ["Query"]
    asked.clear()
    assert len(trail.page(ADMIN, AuditFilter(person="bob"), limit=10).entries) == 10
    assert len(asked) <= 2
    store.close()


def test_a_search_in_vain_stops_after_two_queries_and_goes_on(store: RecordStore) -> None:
    for number in range(11):
        keep(store, START + timedelta(seconds=number), str(number))
    keep(store, START - timedelta(seconds=1), "7", title="bob")
    trail, bob = AuditTrail(store, Access(), scanned=5), AuditFilter(person="bob")
    first = trail.page(ADMIN, bob)
    assert (first.entries, first.cursor is None) == ((), False)
    second = trail.page(ADMIN, bob, first.cursor)
    assert ([entry.subject for entry in second.entries], second.cursor) == (["7"], None)


def test_an_export_ends_after_so_many(store: RecordStore) -> None:
    hours(store, 20)
    found = AuditTrail(store, Access()).everything(ADMIN, AuditFilter(), most=5)
    assert [entry.subject for entry in found] == ["19", "18", "17", "16", "15"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ARTIST, Role.OPERATOR])
def test_only_an_admin_reads_it(store: RecordStore, role: Role) -> None:
    trail, user = AuditTrail(store, Access()), User(name="ada", role=role)
    for read in (trail.page, trail.everything):
        with pytest.raises(NotAllowed):
            read(user, AuditFilter())


def test_a_span_that_ends_before_it_begins_is_refused(store: RecordStore) -> None:
    backwards = AuditFilter(since=START, until=START)
    with pytest.raises(InvalidInput, match="other way round"):
        AuditTrail(store, Access()).page(ADMIN, backwards)


def test_an_entry_of_a_newer_version_is_read(store: RecordStore) -> None:
    keep(store, START, "1", event="teleport")
    (entry,) = AuditTrail(store, Access()).page(ADMIN, AuditFilter()).entries
    assert entry.event == "teleport"


def test_whole_days_go_when_they_are_too_old(store: RecordStore, clock: MovedClock) -> None:
    hours(store, 36)
    clock.move(days=1)
    keep(store, clock(), "99")
    for _ in range(2):  # as several dashboards do
        AuditRetention(store, clock, days=2).sweep()
    trail = AuditTrail(store, Access())
    assert subjects(trail, AuditFilter(), 50) == [99, *range(35, 23, -1)]
