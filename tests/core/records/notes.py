"""The kinds of record that the tests of the stores keep."""

from core.records.interface import RecordKind
from formats.frozen import Tolerant


class Note(Tolerant):
    """Something kept."""

    text: str = ""
    number: int = 0


NOTES = RecordKind("note", Note)
OTHERS = RecordKind("not", Note)
"""Whose name is the beginning of the other's."""
