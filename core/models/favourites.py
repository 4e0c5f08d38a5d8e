"""Which model files somebody likes best: a list of their own, which nobody else sees."""

from typing import Final

from core.errors import InvalidInput
from core.ids import Clock
from core.records.cached_record import CachedRecords
from core.records.edit import delete_all, edit
from core.records.interface import RecordKind, RecordStore
from core.texts.models import library as texts
from formats.frozen import Tolerant

MAX_FAVOURITES: Final = 300
"""As many of the longest keys as a record takes."""

_ID: Final = "models"


class FavouriteModels(Tolerant):
    """Keys of files; one that is gone is no error."""

    keys: tuple[str, ...] = ()


FAVOURITES: Final = RecordKind("favourite-models", FavouriteModels)
"""Kept under the person's name."""


class Favourites:
    """One record for each person."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._cached = CachedRecords(records, FAVOURITES, _ID, clock)

    def of(self, name: str) -> frozenset[str]:
        """Somebody's, as they were ten seconds ago at most. Raises AwsError where they were never
        read."""
        known = self._cached.get(name)
        return frozenset(known.keys) if known else frozenset()

    def set(self, name: str, key: str, *, is_favourite: bool) -> None:
        """Add a file to somebody's, or take it out. Raises InvalidInput for too many, AwsError,
        Conflict."""

        def change(kept: FavouriteModels | None) -> FavouriteModels | None:
            keys = kept.keys if kept else ()
            if (key in keys) is is_favourite:
                return None
            changed = (*keys, key) if is_favourite else tuple(k for k in keys if k != key)
            if len(changed) > MAX_FAVOURITES:
                raise InvalidInput(texts.too_many_favourites(MAX_FAVOURITES), "favourite")
            return FavouriteModels(keys=changed)

        self._cached.remember(name, edit(self._records, FAVOURITES, name, _ID, change))

    def count(self, name: str) -> int:
        """How many somebody has. Raises AwsError."""
        self._cached.forget(name)
        return len(self.of(name))

    def remove_all(self, name: str) -> None:
        """Forget somebody's. Raises AwsError, Conflict."""
        delete_all(self._records, FAVOURITES, name)
        self._cached.forget(name)
