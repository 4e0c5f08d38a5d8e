"""Prompts upon each of the stores of records, and a clock that is set."""

from collections.abc import Callable
from typing import Final

import pytest

from core.ids import new_id
from core.prompts.service import ItemParts, PresetLibrary, Prompts, StyleLibrary
from core.records.interface import RecordStore
from core.team.access import Access
from core.team.permissions import is_allowed
from core.team.sharing import Sharing
from core.team.users import Role, User
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


@pytest.fixture
def open_prompts(store: RecordStore, clock: MovedClock) -> Opened:
    """Another dashboard's, upon the same records, at each call."""

    def opened() -> Prompts:
        parts = ItemParts(store, Access(is_allowed), Sharing(store, clock), clock, new_id)
        return Prompts(StyleLibrary(parts), PresetLibrary(parts))

    return opened


@pytest.fixture
def prompts(open_prompts: Opened) -> Prompts:
    return open_prompts()
