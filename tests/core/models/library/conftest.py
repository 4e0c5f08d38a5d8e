"""A library upon the local AWS with each of the stores of records, and a clock that is set."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from ulid import ULID

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.models.service import ModelFile, ModelLibrary
from core.records.interface import RecordStore
from core.team.access import Access
from core.team.permissions import is_allowed
from core.team.users import Role, User
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.core.records.conftest import store
from tests.core.team.conftest import MovedClock

__all__ = ["store"]

ADA: Final = User(name="idp/ada", role=Role.ARTIST)
BOB: Final = User(name="idp/bob", role=Role.ARTIST)
BOSS: Final = User(name="idp/boss", role=Role.ADMIN)
LORA: Final = "tiny-style-lora.safetensors"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def storage(connection: Connection) -> Storage:
    """A bucket of the test's own."""
    opened = Storage(Aws(connection), f"library-{str(ULID()).lower()}")
    opened._s3.create_bucket(Bucket=opened.bucket)
    return opened


Opened = Callable[[], ModelLibrary]


@pytest.fixture
def open_library(storage: Storage, store: RecordStore, clock: MovedClock) -> Opened:
    """Another dashboard's, upon the same bucket and records, at each call."""
    return lambda: ModelLibrary(storage, store, Access(is_allowed), clock)


@pytest.fixture
def library(open_library: Opened) -> ModelLibrary:
    return open_library()


Put = Callable[..., ModelFile]


@pytest.fixture
def put(storage: Storage, library: ModelLibrary, models: Path) -> Put:
    """Store a LoRA with this metadata, and list it."""

    def put_file(name: str = "cats.safetensors", **metadata: str) -> ModelFile:
        key = model_key(ModelKind.LORA, name)
        storage._s3.put_object(
            Bucket=storage.bucket,
            Key=key,
            Body=(models / LORA).read_bytes(),
            Metadata={"owner": ADA.name, **metadata},
        )
        library.invalidate()
        found = library.find_any(ModelKind.LORA, name)
        assert found
        return found

    return put_file
