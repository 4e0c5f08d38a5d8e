"""Prompts upon each of the stores of records, and a clock that is set."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.ids import new_id
from core.prompts.service import (
    ItemParts,
    PresetLibrary,
    Prompts,
    StyleLibrary,
    WildcardLibrary,
)
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.permissions import is_allowed
from core.team.sharing import Sharing
from core.team.users import Role, User
from formats.keys import WILDCARDS
from tests.core.records.conftest import store
from tests.core.team.conftest import MovedClock

__all__ = ["store"]

ADA: Final = User(name="idp/ada", role=Role.ARTIST)
BOB: Final = User(name="idp/bob", role=Role.ARTIST)
BOSS: Final = User(name="idp/boss", role=Role.ADMIN)
VIEWER: Final = User(name="idp/viewer", role=Role.VIEWER)

Opened = Callable[[], Prompts]


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(scope="session")
def bucket(connection: Connection) -> Storage:
    """A bucket of these tests' own."""
    aws, name = Aws(connection), f"prompts-{new_id().lower()}"
    aws.s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return Storage(aws, name)


@pytest.fixture
def storage(bucket: Storage) -> Storage:
    """The bucket, without a wildcard file in it."""
    bucket.delete_prefix(WILDCARDS)
    return bucket


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[RecordStore]:
    """For what both stores of records do alike, as the tests of styles show."""
    opened = SqliteRecordStore(tmp_path / "records.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def open_prompts(store: RecordStore, storage: Storage, clock: MovedClock) -> Opened:
    """Another dashboard's, upon the same records, at each call."""

    def opened() -> Prompts:
        parts = ItemParts(store, Access(is_allowed), Sharing(store, clock), clock, new_id)
        wildcards = WildcardLibrary(parts, storage)
        return Prompts(StyleLibrary(parts), PresetLibrary(parts), wildcards, lambda: 7)

    return opened


@pytest.fixture
def prompts(open_prompts: Opened) -> Prompts:
    return open_prompts()
