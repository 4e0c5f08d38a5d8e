"""What a style was before each of its edits."""

from typing import Final

from core.errors import Conflict, NotFound
from core.prompts.styles.records import TeamStyle
from core.records.edit import delete_all
from core.records.interface import RecordKind, RecordStore
from core.texts.jobs import styles as texts

MAX_VERSIONS: Final = 50
"""Kept of one style; the oldest goes first."""

STYLE_VERSIONS: Final = RecordKind("style-version", TeamStyle)
"""The owner is the style's id, the id its revision in six digits."""


class StyleVersions:
    """The former versions of all styles."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def keep(self, style: TeamStyle) -> None:
        """Keep a style as it is, before it is changed; again is harmless. Raises AwsError."""
        try:
            self._records.add(STYLE_VERSIONS, style.id, _id(style.revision), style)
        except Conflict:  # it is kept
            return
        page = self._records.page(STYLE_VERSIONS, style.id, limit=MAX_VERSIONS + 1)
        for record in page.records[MAX_VERSIONS:]:
            self._records.delete(record)

    def of(self, style_id: str) -> tuple[TeamStyle, ...]:
        """The former versions, the latest first. Raises AwsError."""
        page = self._records.page(STYLE_VERSIONS, style_id, limit=MAX_VERSIONS)
        return tuple(record.value for record in page.records)

    def get(self, style_id: str, number: int) -> TeamStyle:
        """One of them. Raises NotFound, AwsError."""
        record = self._records.get(STYLE_VERSIONS, style_id, _id(number))
        if record is None:
            raise NotFound(texts.no_such_version(number))
        return record.value

    def remove(self, style_id: str) -> None:
        """Forget all of a style's. Raises AwsError, Conflict."""
        delete_all(self._records, STYLE_VERSIONS, style_id)


def _id(revision: int) -> str:
    return f"{revision:06}"
