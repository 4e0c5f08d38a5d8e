"""What somebody likes best is their own list, within bounds, and goes with them."""

import pytest

from core.errors import InvalidInput, NotFound
from core.ids import utc_now
from core.models.favourites import MAX_FAVOURITES, Favourites
from core.models.service import ModelLibrary
from core.records.interface import RecordStore
from core.team.users import User
from formats.keys import model_key
from formats.limits import MAX_NAME
from formats.models.kinds import ModelKind
from tests.core.models.library.conftest import ADA, BOB, Opened, Put


def test_each_has_their_own(library: ModelLibrary, open_library: Opened, put: Put) -> None:
    key = put().key
    for _ in range(2):
        library.set_favourite(ADA, key, is_favourite=True)
    assert open_library().favourites(ADA) == {key}
    assert library.favourites(BOB) == frozenset()
    library.set_favourite(ADA, key, is_favourite=False)
    assert library.favourites(ADA) == frozenset()
    with pytest.raises(NotFound):
        library.set_favourite(ADA, "models/Lora/none.safetensors", is_favourite=True)


def test_the_longest_names_fit_up_to_the_bound(store: RecordStore) -> None:
    favourites, name = Favourites(store, utc_now), User(name="idp/ada").name
    keys = [
        model_key(ModelKind.CHECKPOINT, f"{number:03}".ljust(MAX_NAME, "é"))
        for number in range(MAX_FAVOURITES + 1)
    ]
    for key in keys[:-1]:
        favourites.set(name, key, is_favourite=True)
    with pytest.raises(InvalidInput, match="300 favourites"):
        favourites.set(name, keys[-1], is_favourite=True)
    assert favourites.count(name) == MAX_FAVOURITES
    favourites.remove_all(name)
    assert favourites.of(name) == frozenset()
