"""What an admin tells everybody, and whether new work has to wait meanwhile."""

import logging
from datetime import datetime
from typing import Final

from pydantic import Field

from core.errors import AwsError, InvalidInput
from core.ids import Clock
from core.records.cached_record import CachedRecord
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.team.access import Access
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts import team as texts
from formats.frozen import Tolerant

log = logging.getLogger(__name__)

MAX_ANNOUNCEMENT: Final = 500
"""Characters."""

_OWNER: Final = "team"
_ID: Final = "announcement"


class Announcement(Tolerant):
    """A message above every page; an empty one is none. Times are UTC."""

    text: str = Field("", max_length=MAX_ANNOUNCEMENT)
    maintenance: bool = False
    """Whether nobody but admins may begin anything new."""
    by: str = ""
    at: datetime


ANNOUNCEMENTS: Final = RecordKind("announcement", Announcement)
"""One for the team."""


class Announcements:
    """The message that holds now."""

    def __init__(self, records: RecordStore, access: Access, clock: Clock) -> None:
        self._records = records
        self._access = access
        self._clock = clock
        self._cached = CachedRecord(records, ANNOUNCEMENTS, _OWNER, _ID, clock)

    def current(self) -> Announcement | None:
        """What is to be told; None for nothing, also where AWS was silent from the start."""
        try:
            found = self._cached.get()
        except AwsError as error:
            log.warning("event=announcement_not_read error=%s", error)
            return None
        return found if found and (found.text or found.maintenance) else None

    def maintenance(self) -> str:
        """Why nothing new may begin, as a sentence; empty where it may."""
        current = self.current()
        return texts.under_maintenance(current.text) if current and current.maintenance else ""

    def publish(self, user: User, text: str, *, maintenance: bool) -> None:
        """Tell everybody; an empty text without maintenance takes the last message back.

        Raises NotAllowed, InvalidInput, AwsError.
        """
        with self._access.acting(user, Action.CHANGE, Item(kind=Kind.TEAM), _ID):
            cleaned = text.strip()
            if len(cleaned) > MAX_ANNOUNCEMENT:
                raise InvalidInput(texts.announcement_range(MAX_ANNOUNCEMENT), "announcement")
            fresh = Announcement(
                text=cleaned, maintenance=maintenance, by=user.title or user.name, at=self._clock()
            )
            edit(self._records, ANNOUNCEMENTS, _OWNER, _ID, lambda _: fresh)
            self._cached.remember(fresh)
