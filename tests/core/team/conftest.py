"""What the tests of the team share: records of their own and a clock that they move."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import AwsUnreachable
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.settings import Identity, Settings
from core.team.access import Access
from core.team.administration.service import Administration
from core.team.people import PEOPLE, PERSON_ID, People, SignIn
from core.team.users import Role, User


class MovedClock:
    """The time, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class SilentRecords(SqliteRecordStore):
    """Answers until it is told not to."""

    silent = False

    def get(self, *arguments: Any) -> Any:
        if self.silent:
            raise AwsUnreachable("No answer.")
        return super().get(*arguments)


class Team:
    """A few people behind a login, and what admins do with them."""

    def __init__(self, records: RecordStore, clock: MovedClock, **settings: Any) -> None:
        self.records, self.clock = records, clock
        self.access = Access()
        self.people = People(records, Settings(identity=Identity.OIDC, **settings), clock)
        self.administration = Administration(records, self.people, self.access, clock)

    def join(self, name: str, role: Role | None = None, **changes: Any) -> User:
        """Somebody signs in, and has the role that an admin gave."""
        title = f"{name}@example.com"
        self.people.enter(SignIn(name=name, title=title))
        record = self.records.get(PEOPLE, name, PERSON_ID)
        assert record
        self.records.replace(record, record.value.model_copy(update={"role": role, **changes}))
        self.people.forget_known(name)
        return User(name=name, role=self.role(name), title=title)

    def role(self, name: str) -> Role:
        person = self.people.find(name)
        assert person
        return self.people.role_of(person)

    def admins(self) -> set[str]:
        found = (record.value for record in self.records.page(PEOPLE).records)
        return {p.name for p in found if self.role(p.name) is Role.ADMIN and not p.disabled}


@pytest.fixture
def team(records: SqliteRecordStore, clock: MovedClock) -> Team:
    return Team(records, clock)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqliteRecordStore]:
    store = SqliteRecordStore(tmp_path / "records.sqlite")
    yield store
    store.close()


@pytest.fixture
def silent_records(tmp_path: Path) -> Iterator[SilentRecords]:
    store = SilentRecords(tmp_path / "records.sqlite")
    yield store
    store.close()
