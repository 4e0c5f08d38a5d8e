"""What a style was before each of its edits."""

from typing import Final

from core.prompts.styles.records import TeamStyle
from core.prompts.versions import MAX_VERSIONS, ItemVersions
from core.records.interface import RecordKind, RecordStore

__all__ = ["MAX_VERSIONS", "STYLE_VERSIONS", "StyleVersions"]

STYLE_VERSIONS: Final = RecordKind("style-version", TeamStyle)
"""The owner is the style's id, the id its revision in six digits."""


class StyleVersions(ItemVersions[TeamStyle]):
    """The former versions of all styles."""

    def __init__(self, records: RecordStore) -> None:
        super().__init__(STYLE_VERSIONS, records)
