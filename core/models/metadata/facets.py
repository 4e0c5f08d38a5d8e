"""Narrows a list of model files by what they are told apart by, counts each value, and sorts."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from core.models.metadata.records import ModelRecord
from core.models.metadata.search import SearchedFile, fold, matches
from formats.frozen import Frozen

YES: Final = "yes"
"""The one value of a facet that a file has or has not."""


class Facet(StrEnum):
    """What model files are told apart by; the value stands in the page's address."""

    KIND = "kind"
    FAMILY = "family"
    PREDICTION = "prediction"
    TAG = "tag"
    OWNER = "owner"
    FAVOURITE = "favourite"
    PROBLEM = "problem"
    IN_USE = "used"


class ModelOrder(StrEnum):
    """Which model file comes first; the value stands in the page's address."""

    NAME = "name"
    NEWEST = "newest"
    LARGEST = "size"
    MOST_USED = "jobs"
    LAST_USED = "last-used"


class ListedFile(SearchedFile, Protocol):
    """What of a model file it is told apart and sorted by."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def modified(self) -> datetime:
        """When its bytes were stored."""

    @property
    def problem(self) -> str | None:
        """Why it can't be used."""

    @property
    def record(self) -> ModelRecord:
        """What is kept of it."""


File = TypeVar("File", bound=ListedFile)


class Marks(Frozen):
    """What is known of files beside them, by their keys."""

    favourites: frozenset[str] = frozenset()
    in_use: frozenset[str] = frozenset()
    """Those that an open job or a saved form names."""


Choices = Mapping[Facet, Collection[str]]
"""The chosen values; a file has to have one of each facet's. An empty choice lets all through."""

Counts = Mapping[Facet, Mapping[str, int]]

_NO_MARKS: Final = Marks()
_NUMBER: Final = re.compile(r"(\d{1,18})")


def narrowed(
    files: Iterable[File], query: str = "", choices: Choices | None = None, marks: Marks = _NO_MARKS
) -> list[File]:
    """The files that the query finds and the choices let through."""
    is_found, chosen = matches(query), _chosen(choices)
    return [file for file in files if is_found(file) and not _missed(file, chosen, marks)]


def facets(
    files: Iterable[File], query: str = "", choices: Choices | None = None, marks: Marks = _NO_MARKS
) -> Counts:
    """Of each facet's values, how many files the query and the other facets' choices let through.

    Each value that any of the files has is there, with 0 where nothing of it is let through, and
    each that is chosen. Every file is looked at once.
    """
    is_found, chosen = matches(query), _chosen(choices)
    counts: dict[Facet, dict[str, int]] = {
        facet: dict.fromkeys(chosen.get(facet, ()), 0) for facet in Facet
    }
    for file in files:
        missed = _missed(file, chosen, marks) if is_found(file) else set(Facet)
        for facet in Facet:
            for value in _VALUES[facet](file, marks):
                counted = counts[facet]
                counted[value] = counted.get(value, 0) + (missed <= {facet})
    return counts


def _chosen(choices: Choices | None) -> Choices:
    return {facet: frozenset(values) for facet, values in (choices or {}).items() if values}


def _missed(file: ListedFile, chosen: Choices, marks: Marks) -> set[Facet]:
    """The facets of which the file has no chosen value."""
    return {
        facet
        for facet, values in chosen.items()
        if not any(value in values for value in _VALUES[facet](file, marks))
    }


def _some(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


_VALUES: Final[Mapping[Facet, Callable[[ListedFile, Marks], Collection[str]]]] = {
    Facet.KIND: lambda file, _: (file.kind.value,),
    Facet.FAMILY: lambda file, _: (file.family.value,),
    Facet.PREDICTION: lambda file, _: _some(file.known.fields.prediction_type),
    Facet.TAG: lambda file, _: {tag.casefold() for tag in file.known.fields.tags or ()},
    Facet.OWNER: lambda file, _: (file.owner,),
    Facet.FAVOURITE: lambda file, marks: (YES,) if file.key in marks.favourites else (),
    Facet.PROBLEM: lambda file, _: (YES,) if file.problem else (),
    Facet.IN_USE: lambda file, marks: (YES,) if file.key in marks.in_use else (),
}


def in_order(files: Iterable[File], order: ModelOrder) -> list[File]:
    """Sorted; files that are alike by name, then by key."""
    return sorted(files, key=sort_key(order))


def sort_key(order: ModelOrder) -> Callable[[ListedFile], tuple[object, ...]]:
    """What files are compared by; the smallest comes first."""
    first = _FIRST[order]
    return lambda file: (*first(file), _by_name(file), file.key)


def _by_name(file: ListedFile) -> tuple[tuple[int, int, str], ...]:
    """Numbers by their value, so that `v9` stands before `v10`."""
    parts = _NUMBER.split(fold(file.title))
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)


def _added(file: ListedFile) -> float:
    return (file.record.added or file.modified).timestamp()


def _last_used(file: ListedFile) -> float:
    return file.record.last_used.timestamp() if file.record.last_used else 0.0


_FIRST: Final[Mapping[ModelOrder, Callable[[ListedFile], tuple[float, ...]]]] = {
    ModelOrder.NAME: lambda _: (),
    ModelOrder.NEWEST: lambda file: (-_added(file),),
    ModelOrder.LARGEST: lambda file: (-file.size,),
    ModelOrder.MOST_USED: lambda file: (-file.record.jobs,),
    ModelOrder.LAST_USED: lambda file: (-_last_used(file),),
}


class Page(Frozen):
    """A part of a list: its number from 1, and how many there are."""

    number: int
    pages: int
    start: int
    end: int


def page_of(count: int, number: int, size: int) -> Page:
    """The page of a list with `count` entries, the last one for a number beyond it."""
    pages = max(1, -(-count // size))
    kept = min(max(1, number), pages)
    return Page(number=kept, pages=pages, start=(kept - 1) * size, end=min(count, kept * size))
