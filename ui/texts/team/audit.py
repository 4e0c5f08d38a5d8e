"""Texts of the audit: its filters, its table and its export."""

from typing import Final

ABOUT: Final = (
    "Who did what to what, when, from where, and what came of it. Entries are only ever added; "
    "none has a prompt, a key or a password."
)
PERSON: Final = "Person"
PERSON_PLACEHOLDER: Final = "Name or e-mail address"
EVENT: Final = "Event"
ANY_EVENT: Final = "Any event"
OUTCOME: Final = "Outcome"
ANY_OUTCOME: Final = "Any outcome"
SPAN: Final = "Days"
NEWER: Final = "Newer"
OLDER: Final = "Older"
EXPORT: Final = "Export as CSV"

COLUMN_TIME: Final = "Time"
COLUMN_PERSON: Final = "Person"
COLUMN_EVENT: Final = "Event"
COLUMN_KIND: Final = "Kind"
COLUMN_SUBJECT: Final = "Of what"
COLUMN_OUTCOME: Final = "Outcome"
COLUMN_REASON: Final = "Reason"
COLUMN_ORIGIN: Final = "From"

NOBODY: Final = "(not signed in)"
THE_STUDIO: Final = "(the studio itself)"
NOTHING: Final = "Nothing was done in these days that the filters take."
NOTHING_YET: Final = "Nothing was found so far. “Older” looks further back."


def shown(count: int, number: int) -> str:
    """Above the table: how many entries, and which page."""
    entries = "1 entry" if count == 1 else f"{count} entries"
    return f"{entries}, page {number}" if number > 1 else entries


def export_help(most: int, zone: str) -> str:
    """What the file has."""
    return (
        f"The entries that the filters take, the newest first, {most:,} at most; times are in "
        f"{zone} and in UTC."
    )


def file_name(day: str) -> str:
    """The name of the file that is exported."""
    return f"audit-{day}.csv"
