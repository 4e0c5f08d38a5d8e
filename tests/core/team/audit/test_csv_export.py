"""The CSV is what a spreadsheet reads back, in both zones, and runs nothing."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.team.audit.csv_export import COLUMNS, csv_lines
from core.team.audit.entries import AuditEntry, AuditEvent, Outcome

AT = datetime(2026, 11, 1, 23, 30, 5, 120000, tzinfo=UTC)


def rows(*entries: AuditEntry, zone: str = "UTC") -> list[list[str]]:
    return list(csv.reader(csv_lines(entries, ZoneInfo(zone))))


def entry(**changes: str) -> AuditEntry:
    values = {"user": "idp/ada", "subject": "cats", "kind": "endpoint"} | changes
    return AuditEntry(id="1", at=AT, event=AuditEvent.STOP, outcome=Outcome.DONE, **values)


def test_a_line_has_the_time_in_the_readers_zone_and_utc() -> None:
    head, row = rows(entry(title='Ada, "the" Countess', origin="203.0.113.7"), zone="Asia/Tokyo")
    assert tuple(head) == COLUMNS
    assert row == [
        "2026-11-02T08:30:05+09:00",
        "2026-11-01T23:30:05.120+00:00",
        "idp/ada",
        'Ada, "the" Countess',
        "203.0.113.7",
        "stop",
        "endpoint",
        "cats",
        "done",
        "",
    ]


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        (" =1", "' =1"),
        ("ada@example.com", "ada@example.com"),
        ("1-1", "1-1"),
        ("", ""),
    ],
)
def test_a_cell_is_never_a_formula(title: str, cell: str) -> None:
    assert rows(entry(title=title))[1][3] == cell


def test_lines_are_made_as_entries_are_read() -> None:
    taken: list[str] = []

    def read() -> Iterator[AuditEntry]:
        for subject in ("a", "b"):
            taken.append(subject)
            yield entry(subject=subject)

    lines = csv_lines(read(), UTC)
    next(lines)
    next(lines)
    assert taken == ["a"]
