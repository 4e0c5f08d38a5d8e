"""Facets with their counts, the orders, and the pages of the library."""

from collections.abc import Mapping
from typing import Any

import pytest

from core.models.metadata import facets as module
from core.models.metadata.facets import (
    YES,
    Choices,
    Facet,
    Marks,
    ModelOrder,
    Page,
    facets,
    in_order,
    narrowed,
    page_of,
)
from formats.models.kinds import ModelKind
from tests.core.models.metadata.library import DREAM, FILES, INK, SKY, StoredFile, many, stored

MARKS = Marks(favourites=frozenset({SKY.key}), in_use=frozenset({INK.key, SKY.key}))
LORA, CHECKPOINT = ModelKind.LORA.value, ModelKind.CHECKPOINT.value


@pytest.mark.parametrize(
    ("query", "choices", "expected"),
    [
        ("", {}, [INK, SKY, DREAM]),
        ("", {Facet.KIND: ()}, [INK, SKY, DREAM]),
        ("", {Facet.KIND: (LORA,)}, [INK, SKY]),
        ("", {Facet.KIND: (LORA, CHECKPOINT)}, [INK, SKY, DREAM]),
        ("", {Facet.KIND: (LORA,), Facet.FAMILY: ("SDXL",)}, [INK]),
        ("", {Facet.TAG: ("style",)}, [INK, SKY]),
        ("", {Facet.PREDICTION: ("v_prediction",)}, [INK]),
        ("", {Facet.OWNER: ("Bob",)}, [SKY]),
        ("", {Facet.FAVOURITE: (YES,)}, [SKY]),
        ("", {Facet.PROBLEM: (YES,)}, [DREAM]),
        ("", {Facet.IN_USE: (YES,)}, [INK, SKY]),
        ("ink", {Facet.FAMILY: ("SD 1",)}, [SKY]),
        ("ink", {Facet.KIND: (CHECKPOINT,)}, []),
    ],
)
def test_files_are_narrowed(query: str, choices: Choices, expected: list[StoredFile]) -> None:
    assert narrowed(FILES, query, choices, MARKS) == expected


@pytest.mark.parametrize(
    ("query", "choices", "expected"),
    [
        (
            "",
            {},
            {
                Facet.KIND: {LORA: 2, CHECKPOINT: 1},
                Facet.FAMILY: {"SDXL": 2, "SD 1": 1},
                Facet.PREDICTION: {"v_prediction": 1, "epsilon": 1},
                Facet.TAG: {"style": 2, "ink": 1},
                Facet.OWNER: {"ada": 2, "Bob": 1},
                Facet.FAVOURITE: {YES: 1},
                Facet.PROBLEM: {YES: 1},
                Facet.IN_USE: {YES: 2},
            },
        ),
        ("", {Facet.KIND: (LORA,)}, {Facet.KIND: {LORA: 2, CHECKPOINT: 1}}),
        ("", {Facet.KIND: (LORA,)}, {Facet.FAMILY: {"SDXL": 1, "SD 1": 1}}),
        ("", {Facet.KIND: (LORA,)}, {Facet.PROBLEM: {YES: 0}}),
        (
            "",
            {Facet.KIND: (LORA,), Facet.FAMILY: ("SDXL",)},
            {Facet.KIND: {LORA: 1, CHECKPOINT: 1}, Facet.FAMILY: {"SDXL": 1, "SD 1": 1}},
        ),
        ("ink", {Facet.KIND: (LORA,)}, {Facet.KIND: {LORA: 2, CHECKPOINT: 0}}),
        ("", {Facet.TAG: ("gone",)}, {Facet.TAG: {"gone": 0, "style": 2, "ink": 1}}),
        ("", {Facet.TAG: ("gone",)}, {Facet.KIND: {LORA: 0, CHECKPOINT: 0}}),
    ],
)
def test_a_facet_counts_without_its_own_choice(
    query: str, choices: Choices, expected: Mapping[Facet, Mapping[str, int]]
) -> None:
    counts = facets(FILES, query, choices, MARKS)
    assert {facet: counts[facet] for facet in expected} == expected


V9, V10, ACCENT = stored("ink_v9"), stored("INK_v10"), stored("éclair")


@pytest.mark.parametrize(
    ("order", "files", "expected"),
    [
        (ModelOrder.NAME, FILES, [INK, DREAM, SKY]),
        (ModelOrder.NAME, [V10, ACCENT, V9], [ACCENT, V9, V10]),
        (ModelOrder.NEWEST, FILES, [SKY, INK, DREAM]),
        (ModelOrder.LARGEST, FILES, [DREAM, INK, SKY]),
        (ModelOrder.MOST_USED, FILES, [SKY, INK, DREAM]),
        (ModelOrder.LAST_USED, FILES, [INK, SKY, DREAM]),
    ],
)
def test_files_are_sorted(
    order: ModelOrder, files: list[StoredFile], expected: list[StoredFile]
) -> None:
    assert in_order(files, order) == expected
    assert in_order(reversed(files), order) == expected


@pytest.mark.parametrize(
    ("count", "number", "expected"),
    [
        (0, 1, Page(number=1, pages=1, start=0, end=0)),
        (10, 1, Page(number=1, pages=1, start=0, end=10)),
        (11, 2, Page(number=2, pages=2, start=10, end=11)),
        (11, 99, Page(number=2, pages=2, start=10, end=11)),
        (11, -3, Page(number=1, pages=2, start=0, end=10)),
    ],
)
def test_a_list_has_pages(count: int, number: int, expected: Page) -> None:
    assert page_of(count, number, 10) == expected


def test_counting_looks_at_each_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many facets are chosen: once for its values, and once more for those chosen."""
    looks: list[str] = []
    values: dict[Facet, Any] = dict(module._VALUES)

    def counted(facet: Facet) -> Any:
        def look(file: StoredFile, marks: Marks) -> Any:
            looks.append(file.key)
            return values[facet](file, marks)

        return look

    monkeypatch.setattr(module, "_VALUES", {facet: counted(facet) for facet in Facet})
    files = many(1000)
    facets(files, "model", {Facet.KIND: (LORA,), Facet.TAG: ("tag 1",)})
    assert len(looks) == (len(Facet) + 2) * len(files)
