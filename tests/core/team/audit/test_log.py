"""The log takes entries at once, stores them once each, and says what it could not keep."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.errors import AwsUnreachable
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.team.audit.entries import AUDIT, AuditEntry, AuditEvent, Outcome
from core.team.audit.log import AuditLog
from core.team.users import SYSTEM, User
from tests.core.team.conftest import MovedClock
from tests.support.helpers import wait_for

ADA = User(name="idp.example/ada", title="ada@example.com", origin="203.0.113.7")


def entries(store: RecordStore) -> list[AuditEntry]:
    return [record.value for record in store.page(AUDIT, limit=5000).records]


@contextmanager
def opened(store: RecordStore, clock: MovedClock, **options: Any) -> Iterator[AuditLog]:
    audit = AuditLog(store, clock, **options)
    audit.start()
    try:
        yield audit
    finally:
        audit.close()


class SilentRecords(SqliteRecordStore):
    """Answers only when it is told to."""

    silent = True
    failure: Exception = AwsUnreachable("No answer.")

    def add(self, *arguments: Any) -> Any:
        if self.silent:
            raise self.failure
        return super().add(*arguments)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[SilentRecords]:
    store = SilentRecords(tmp_path / "silent.sqlite")
    yield store
    store.close()


def test_an_entry_has_who_what_where_and_when(store: RecordStore, clock: MovedClock) -> None:
    with opened(store, clock) as audit:
        audit.record(ADA, AuditEvent.STOP, kind="endpoint", subject="cats")
    (record,) = store.page(AUDIT, owner="2026-11-01").records
    assert record.value == AuditEntry(
        id=record.id,
        at=clock(),
        user=ADA.name,
        title=ADA.title,
        origin=ADA.origin,
        event=AuditEvent.STOP,
        kind="endpoint",
        subject="cats",
        outcome=Outcome.DONE,
    )


def test_closing_stores_what_waits(store: RecordStore, clock: MovedClock) -> None:
    with opened(store, clock) as audit:
        for number in range(100):
            audit.record(SYSTEM, AuditEvent.STOP, subject=str(number))
    assert {entry.subject for entry in entries(store)} == {str(n) for n in range(100)}
    assert (audit.lost, audit.problem()) == (0, "")


def test_two_dashboards_add_to_one_audit(store: RecordStore, clock: MovedClock) -> None:
    with opened(store, clock) as one, opened(store, clock) as other:
        for number in range(20):
            one.record(ADA, AuditEvent.CREATE, subject=f"one-{number}")
            other.record(ADA, AuditEvent.CREATE, subject=f"other-{number}")
    assert len({entry.subject for entry in entries(store)}) == 40


def test_sign_ins(store: RecordStore, clock: MovedClock) -> None:
    with opened(store, clock) as audit:
        audit.sign_in(ADA)
        clock.move(seconds=1)
        audit.sign_out(ADA)
        clock.move(seconds=1)
        audit.sign_in_refused("forged", origin="198.51.100.9")
        clock.move(seconds=1)
        audit.sign_in_refused("NotAllowed", user=ADA)
    found = [
        (each.event, each.user, each.origin, each.outcome, each.reason) for each in entries(store)
    ]
    assert found[::-1] == [
        (AuditEvent.SIGN_IN, ADA.name, ADA.origin, Outcome.DONE, ""),
        (AuditEvent.SIGN_OUT, ADA.name, ADA.origin, Outcome.DONE, ""),
        (AuditEvent.SIGN_IN, "", "198.51.100.9", Outcome.REFUSED, "forged"),
        (AuditEvent.SIGN_IN, ADA.name, ADA.origin, Outcome.REFUSED, "NotAllowed"),
    ]


def test_the_same_refusal_again_is_one(store: RecordStore, clock: MovedClock) -> None:
    with opened(store, clock) as audit:
        for _ in range(3):
            audit.record(ADA, AuditEvent.SEE, subject="a", outcome=Outcome.REFUSED)
        audit.record(ADA, AuditEvent.SEE, subject="b", outcome=Outcome.REFUSED)
        clock.move(seconds=61)
        audit.record(ADA, AuditEvent.SEE, subject="a", outcome=Outcome.REFUSED)
        audit.record(ADA, AuditEvent.CHANGE, subject="a")
        audit.record(ADA, AuditEvent.CHANGE, subject="a")
    assert sorted(entry.subject for entry in entries(store)) == ["a", "a", "a", "a", "b"]


def test_entries_wait_for_a_silent_store(silent: SilentRecords, clock: MovedClock) -> None:
    with opened(silent, clock, again_seconds=0.01) as audit:
        audit.record(ADA, AuditEvent.CREATE, subject="first")
        audit.record(ADA, AuditEvent.CREATE, subject="second")
        assert "No answer." in wait_for(audit.problem)
        silent.silent = False
    assert sorted(entry.subject for entry in entries(silent)) == ["first", "second"]
    assert (audit.lost, audit.problem()) == (0, "")


def test_a_full_queue_loses_to_the_log_alone(
    silent: SilentRecords, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    audit = AuditLog(silent, clock, most_waiting=2)
    with caplog.at_level(logging.ERROR):
        for number in range(5):
            audit.record(ADA, AuditEvent.CREATE, subject=f"job-{number}")
    assert audit.lost == 3
    assert "3 entries" in audit.problem()
    assert "job-4" in caplog.text
    assert ADA.title not in caplog.text


@pytest.mark.parametrize("failure", [AwsUnreachable("No answer."), ZeroDivisionError("odd")])
def test_closing_upon_a_silent_store_counts_what_is_lost(
    silent: SilentRecords, clock: MovedClock, failure: Exception
) -> None:
    silent.failure = failure
    with opened(silent, clock) as audit:
        for number in range(3):
            audit.record(ADA, AuditEvent.CREATE, subject=f"job-{number}")
    assert audit.lost == 3
    assert entries(silent) == []
