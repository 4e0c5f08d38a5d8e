"""What the styles and presets of a team have in common: a name, an owner, who sees it, a trash."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import Field

from core.errors import InvalidInput
from core.team.permissions import Item, Kind, Visibility
from core.team.sharing import MAX_SHARED
from core.texts.jobs import styles as texts
from formats.frozen import Tolerant
from formats.keys import JobId
from formats.limits import MAX_STYLE_NAME

MAX_NOTE: Final = 1000
"""Characters of what somebody writes about one."""

TRASH_DAYS: Final = 30
KEPT_FOR: Final = timedelta(days=TRASH_DAYS)


class PromptItem(Tolerant):
    """One style or preset; times are UTC."""

    kind: ClassVar[Kind]

    id: JobId
    """A ULID."""
    name: str = Field(min_length=1, max_length=MAX_STYLE_NAME)
    note: str = Field(default="", max_length=MAX_NOTE)
    owner: str
    visibility: Visibility = Visibility.TEAM
    shared_with: tuple[str, ...] = Field(default=(), max_length=MAX_SHARED)
    """Names of users who may see it while it is private."""
    created_at: datetime
    updated_at: datetime
    updated_by: str = ""
    revision: int = Field(default=1, ge=1)
    """Counts the saves; a save must say which one it changes."""
    trashed_at: datetime | None = None
    """When it was deleted: for 30 days that can be undone."""

    @property
    def item(self) -> Item:
        """For the permission check."""
        return Item(
            kind=self.kind,
            owner=self.owner,
            visibility=self.visibility,
            shared_with=self.shared_with,
        )


def clean_name(name: str) -> str:
    """The name without outer and double spaces. Raises InvalidInput.

    A `#` begins a comment in a styles.csv.
    """
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= MAX_STYLE_NAME or cleaned.startswith("#"):
        raise InvalidInput(texts.bad_name(MAX_STYLE_NAME), "name")
    return cleaned


def clean_note(note: str) -> str:
    """The note without outer spaces. Raises InvalidInput for one that is too long."""
    cleaned = note.strip()
    if len(cleaned) > MAX_NOTE:
        raise InvalidInput(texts.note_too_long(MAX_NOTE), "note")
    return cleaned
