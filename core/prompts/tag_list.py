"""The team's tag list, which the prompt box completes from; admins import and delete it."""

import hashlib
import logging
from datetime import datetime
from typing import Final

from pydantic import Field

from core.aws.storage import Storage
from core.errors import AwsError, InvalidInput
from core.ids import Clock
from core.records.cached_record import CachedRecord
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from formats.frozen import Tolerant
from formats.keys import SHA256_PATTERN, tag_list_key
from formats.limits import MAX_NAME
from formats.prompts.tag_csv import packed_tags, read_tags

log = logging.getLogger(__name__)

_OWNER: Final = "team"
_ID: Final = "tags"
_TEAM: Final = Item(kind=Kind.TEAM)


class TagList(Tolerant):
    """What is kept of the list beside its object in S3; without `sha256` there is none."""

    sha256: str = Field("", pattern=f"{SHA256_PATTERN}|^$")
    """Of the packed tags, which names the object."""
    name: str = Field("", max_length=MAX_NAME)
    """Of the file that it was read from."""
    tags: int = Field(0, ge=0)
    by: str = ""
    at: datetime


TAG_LIST_RECORDS: Final = RecordKind("tag-list", TagList)
"""One for the team."""


class TagLists:
    """The list that counts now."""

    def __init__(
        self, records: RecordStore, storage: Storage, access: Access, clock: Clock
    ) -> None:
        self._records = records
        self._storage = storage
        self._access = access
        self._clock = clock
        self._cached = CachedRecord(records, TAG_LIST_RECORDS, _OWNER, _ID, clock)

    def current(self) -> TagList | None:
        """What is known of the list; None for none, also where AWS was silent from the start."""
        try:
            found = self._cached.get()
        except AwsError as error:
            log.warning("event=tag_list_not_read error=%s", error)
            return None
        return found if found and found.sha256 else None

    def packed(self, sha256: str) -> bytes | None:
        """The list as browsers read it, gzipped; None for another than the current one.

        Raises AwsError.
        """
        current = self.current()
        if current is None or current.sha256 != sha256:
            return None
        found = self._storage.find(tag_list_key(sha256))
        return found.data if found else None

    def replace(self, user: User, name: str, data: bytes) -> TagList:
        """Take a file's tags instead of those of before.

        Raises NotAllowed, InvalidInput at `tags` for what is no tag list, AwsError.
        """
        with self._access.acting(user, Action.CHANGE, _TEAM, _ID):
            try:
                tags = read_tags(data)
            except ValueError as error:
                raise InvalidInput(str(error), "tags") from error
            packed = packed_tags(tags)
            sha256 = hashlib.sha256(packed).hexdigest()
            self._storage.write(tag_list_key(sha256), packed, "application/gzip")
            fresh = self._record(user, sha256=sha256, name=name[:MAX_NAME], tags=len(tags))
            self._put(fresh)
        return fresh

    def delete(self, user: User) -> None:
        """Have none any more. Raises NotAllowed, AwsError."""
        with self._access.acting(user, Action.CHANGE, _TEAM, _ID, AuditEvent.DELETE):
            self._put(self._record(user))

    def _record(self, user: User, sha256: str = "", name: str = "", tags: int = 0) -> TagList:
        by = user.title or user.name
        return TagList(sha256=sha256, name=name, tags=tags, by=by, at=self._clock())

    def _put(self, fresh: TagList) -> None:
        """Keep the record, then remove the object of the list of before."""
        before: list[str] = []

        def change(kept: TagList | None) -> TagList:
            before[:] = [kept.sha256] if kept and kept.sha256 else []
            return fresh

        edit(self._records, TAG_LIST_RECORDS, _OWNER, _ID, change)
        self._cached.remember(fresh)
        self._storage.delete(tuple(tag_list_key(each) for each in before if each != fresh.sha256))
