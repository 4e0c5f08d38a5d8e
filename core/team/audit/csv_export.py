"""Writes entries as CSV that a spreadsheet opens without running anything in it."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from io import StringIO
from typing import Final

from core.team.audit.entries import AuditEntry

COLUMNS: Final = (
    "time",
    "time_utc",
    "user",
    "title",
    "origin",
    "event",
    "kind",
    "subject",
    "outcome",
    "reason",
)

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for a formula (https://owasp.org/www-community/attacks/
CSV_Injection)."""


def csv_lines(entries: Iterable[AuditEntry], zone: tzinfo) -> Iterator[str]:
    """The head, then a line for each entry, as each is read; `time` is in this zone. RFC 4180."""
    yield csv_line(COLUMNS)
    for entry in entries:
        yield csv_line(_cells(entry, zone))


def _cells(entry: AuditEntry, zone: tzinfo) -> tuple[str, ...]:
    return (
        entry.at.astimezone(zone).isoformat(timespec="seconds"),
        entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        entry.user,
        entry.title,
        entry.origin,
        entry.event,
        entry.kind,
        entry.subject,
        entry.outcome,
        entry.reason,
    )


def csv_line(cells: Iterable[str]) -> str:
    """One line of cells, of which a spreadsheet runs none."""
    text = StringIO()
    csv.writer(text).writerow(_as_text(cell) for cell in cells)
    return text.getvalue()


def _as_text(cell: str) -> str:
    """The cell, which an apostrophe makes text where it would be a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_STARTS) else cell
