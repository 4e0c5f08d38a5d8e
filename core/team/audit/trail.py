"""Reads the audit, the newest entry first, for whoever may; and forgets what is too old."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from ulid import ULID

from core.errors import InvalidInput
from core.ids import Clock
from core.records.interface import RecordPage, RecordStore
from core.records.paging import Place, cursor_below
from core.team.access import Access
from core.team.audit.entries import AUDIT, AuditEntry, AuditEvent, Outcome, day_of
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts import team as texts
from formats.frozen import Frozen

log = logging.getLogger(__name__)

PAGE: Final = 50

_SCANNED: Final = 500
"""Entries that one query reads where a filter may leave most of them out."""

_QUERIES: Final = 2
"""Of one page. What they don't find, the next page looks for."""

MAX_EXPORTED: Final = 50_000

_SWEPT: Final = 2000
"""Entries that one sweep forgets at most; the next goes on."""

_ID_RANDOM: Final = 16
"""Characters of a ULID that are chance; those before them are its time."""


class AuditFilter(Frozen):
    """Which entries; what is None or empty leaves none out."""

    person: str = ""
    """Part of their name or e-mail address, in any case."""
    event: AuditEvent | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    """The first moment that counts."""
    until: datetime | None = None
    """The first moment that counts no more."""

    @property
    def picks(self) -> bool:
        """Whether it leaves entries out between its first and its last moment."""
        return bool(self.person or self.event or self.outcome)

    def takes(self, entry: AuditEntry) -> bool:
        """Whether an entry is wanted, whenever it was."""
        names = f"{entry.title}\n{entry.user}".lower()
        return (
            self.person.strip().lower() in names
            and self.event in (None, entry.event)
            and self.outcome in (None, entry.outcome)
        )


class AuditPage(Frozen):
    """Some entries, the newest first; `cursor` asks for what is older, None where nothing is."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None = None


class AuditTrail:
    """The audit as an admin reads it. A page costs one query; two where a filter is set."""

    def __init__(self, records: RecordStore, access: Access, scanned: int = _SCANNED) -> None:
        self._records = records
        self._access = access
        self._scanned = scanned

    def page(
        self, user: User, which: AuditFilter, cursor: str | None = None, limit: int = PAGE
    ) -> AuditPage:
        """Entries the newest first; with a filter maybe fewer than `limit`, although there are
        more. Raises NotAllowed, AwsError, InvalidInput for a cursor of another list."""
        self._require(user)
        _check_span(which)
        found: list[AuditEntry] = []
        after = cursor or _start(which)
        for _ in range(_QUERIES if which.picks else 1):
            part = self._records.page(
                AUDIT, limit=self._scanned if which.picks else limit, cursor=after
            )
            after = None if _is_past(which, part) else part.cursor
            found += _picked(which, part)
            if after is None or len(found) >= limit:
                break
        if len(found) > limit:
            last = found[limit - 1]
            after = Place(last.id, day_of(last.at)).key
        return AuditPage(entries=tuple(found[:limit]), cursor=after)

    def everything(
        self, user: User, which: AuditFilter, most: int = MAX_EXPORTED
    ) -> Iterator[AuditEntry]:
        """The entries of a filter one after the other, `most` at most, read as they are taken.

        Raises NotAllowed before the first, AwsError.
        """
        self._require(user)
        _check_span(which)
        return self._read(which, most)

    def _read(self, which: AuditFilter, most: int) -> Iterator[AuditEntry]:
        after, count = _start(which), 0
        while True:
            part = self._records.page(AUDIT, limit=self._scanned, cursor=after)
            for entry in _picked(which, part):
                if count == most:
                    return
                yield entry
                count += 1
            after = part.cursor
            if after is None or _is_past(which, part):
                return

    def _require(self, user: User) -> None:
        self._access.require(user, Action.SEE, Item(kind=Kind.AUDIT))


class AuditRetention:
    """Forgets whole days (UTC) that are too old. Every dashboard may: again is harmless."""

    def __init__(self, records: RecordStore, clock: Clock, days: int) -> None:
        self._records = records
        self._clock = clock
        self._days = days

    def sweep(self) -> None:
        """Delete some of what is too old, the newest of it first. Raises AwsError, Conflict."""
        midnight = self._clock().replace(hour=0, minute=0, second=0, microsecond=0)
        cursor: str | None = cursor_below(_lowest_id(midnight - timedelta(days=self._days)))
        count = 0
        while cursor and count < _SWEPT:
            part = self._records.page(AUDIT, limit=100, cursor=cursor)
            for record in part.records:
                self._records.delete(record)
            count, cursor = count + len(part.records), part.cursor
        if count:
            log.info("event=audit_swept entries=%d older_than_days=%d", count, self._days)


def _check_span(which: AuditFilter) -> None:
    if which.since and which.until and which.since >= which.until:
        raise InvalidInput(texts.SPAN_IS_EMPTY, "span")


def _start(which: AuditFilter) -> str | None:
    return cursor_below(_lowest_id(which.until)) if which.until else None


def _lowest_id(at: datetime) -> str:
    """What sorts before every id of this moment and after every one before it."""
    return str(ULID.from_datetime(at))[:-_ID_RANDOM] + "0" * _ID_RANDOM


def _picked(which: AuditFilter, part: RecordPage[AuditEntry]) -> list[AuditEntry]:
    entries = (record.value for record in part.records)
    return [e for e in entries if (which.since is None or e.at >= which.since) and which.takes(e)]


def _is_past(which: AuditFilter, part: RecordPage[AuditEntry]) -> bool:
    """Whether what follows is older than what is wanted."""
    last = part.records[-1].value if part.records else None
    return which.since is not None and last is not None and last.at < which.since
