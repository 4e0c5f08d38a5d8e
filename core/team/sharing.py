"""With whom a private item is shared: who may be named, and each person's list of shared jobs."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from core.aws.shared_listing import SharedListing
from core.errors import Conflict, InvalidInput
from core.ids import Clock
from core.records.interface import RecordKind, RecordStore
from core.records.paging import every_record
from core.team.people import PEOPLE, PERSON_ID, Person
from core.texts import team as texts
from formats.frozen import Tolerant

MAX_SHARED: Final = 20
"""With so many people a private item may be shared."""

_READ_AT_ONCE: Final = 500
_FRESH_SECONDS: Final = 10.0


class SharedJob(Tolerant):
    """That a job is shared with the record's owner. Times are UTC."""

    job_owner: str
    shared_at: datetime


SHARED_JOBS: Final = RecordKind("shared_job", SharedJob)
"""Kept under the recipient's name and the job's id: what somebody was shown is one query. It only
finds a job; whether its recipient may see it, the job's own record says."""


class Colleagues:
    """What others are shown of the people of a team: the e-mail address that goes with a name."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._listing = SharedListing(self._read, clock, _FRESH_SECONDS)
        self._titles: tuple[tuple[Person, ...], Mapping[str, str]] = ((), {})
        """Those that the last call gave, and of which people: a list has hundreds of rows."""

    def titles(self) -> Mapping[str, str]:
        """By name, whom items can be shared with: everybody but who was turned away.

        No list is older than ten seconds, unless AWS is silent. Raises AwsError at first.
        """
        people, (before, titles) = self._listing.get(), self._titles
        if people is not before:
            titles = {each.name: each.title or each.name for each in people}
            self._titles = (people, titles)
        return titles

    def _read(self) -> tuple[Person, ...]:
        records = every_record(self._records, PEOPLE, limit=_READ_AT_ONCE)
        return tuple(record.value for record in records if not record.value.disabled)


class SharedIds(NamedTuple):
    """One page of the ids of shared jobs, the newest job first."""

    ids: tuple[str, ...]
    cursor: str | None


class Sharing:
    """Keeps which jobs are shared with whom."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def recipients(self, owner: str, people: Iterable[str]) -> tuple[str, ...]:
        """The people that an item of this owner is to be shared with, each once, by name.

        Raises InvalidInput for somebody who never signed in, and for too many.
        """
        names = sorted(set(people) - {owner})
        if len(names) > MAX_SHARED:
            raise InvalidInput(texts.too_many_people(MAX_SHARED), "people")
        for name in names:
            if not self._records.get(PEOPLE, name, PERSON_ID):
                raise InvalidInput(texts.not_of_the_team(name), "people")
        return tuple(names)

    def keep(self, job_id: str, owner: str, people: Collection[str]) -> None:
        """Put a job into these people's lists; again is harmless."""
        value = SharedJob(job_owner=owner, shared_at=self._clock())
        for name in people:
            try:
                self._records.add(SHARED_JOBS, name, job_id, value)
            except Conflict:  # it is there
                continue

    def forget(self, job_id: str, people: Collection[str]) -> None:
        """Take a job out of these people's lists; again is harmless."""
        for name in people:
            found = self._records.get(SHARED_JOBS, name, job_id)
            if found:
                self._records.delete(found)

    def ids(self, name: str, limit: int, cursor: str | None) -> SharedIds:
        """Jobs that are shared with somebody, the newest job first; one query."""
        page = self._records.page(SHARED_JOBS, name, limit=limit, cursor=cursor)
        return SharedIds(tuple(record.id for record in page.records), page.cursor)
