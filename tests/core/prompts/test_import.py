"""Files of styles: told before what they do, and then done just so."""

import pytest

from core.errors import InvalidInput, NotAllowed
from core.prompts.service import ImportState, OnChanged, Prompts, StyleFile
from core.prompts.styles.importing import MAX_FILES
from core.team.permissions import Visibility
from formats.limits import MAX_STYLE_NAME
from formats.prompts.styles_csv import read_styles, write_styles
from tests.core.prompts.conftest import ADA, BOB, VIEWER

HEADER = b"name,prompt,negative_prompt\n"
FILES = (
    StyleFile("one.csv", b"\xef\xbb\xbf" + HEADER + b"Ink,ink,\n#---,,\nFilm,film,\nEmpty,,\n"),
    StyleFile("two.csv", b"name,text\nWash,wash\nFilm,film still\n"),
    StyleFile("bad.csv", b"title\n"),
)


def words(prompts: Prompts) -> dict[str, str]:
    return {each.name: each.prompt for each in prompts.styles.list(ADA)}


def test_what_will_happen_is_told(prompts: Prompts) -> None:
    prompts.styles.save(ADA, "Ink", "ink")
    film = prompts.styles.save(ADA, "Film", "old film")
    for user in (ADA, BOB):
        plan = prompts.style_import.plan(user, FILES)
        states = {each.style.name: each.state for each in plan.entries}
        assert states == {
            "Ink": ImportState.SAME,
            "Film": ImportState.CHANGED,
            "Wash": ImportState.NEW,
        }
        (changed,) = plan.of(ImportState.CHANGED)
        assert changed.known == film
        assert changed.style.prompt == "film still"
        assert changed.can_replace is (user == ADA)
        assert [p.partition(":")[0] for p in plan.problems] == ["one.csv, Empty", "bad.csv"]


@pytest.mark.parametrize(
    ("on_changed", "film", "counts"),
    [
        (OnChanged.LEAVE, {"Film": "old film"}, (1, 0, 2)),
        (OnChanged.REPLACE, {"Film": "film still"}, (1, 1, 1)),
        (OnChanged.KEEP_BOTH, {"Film": "old film", "Film (3)": "film still"}, (2, 0, 1)),
    ],
)
def test_it_happens_as_was_chosen(
    prompts: Prompts, on_changed: OnChanged, film: dict[str, str], counts: tuple[int, int, int]
) -> None:
    prompts.styles.save(ADA, "Ink", "ink")
    old = prompts.styles.save(ADA, "Film", "old film")
    prompts.styles.save(ADA, "Film (2)", "taken")
    result = prompts.style_import.run(ADA, FILES, on_changed)
    assert (result.added, result.replaced, result.left) == counts
    assert words(prompts) == {"Ink": "ink", "Wash": "wash", "Film (2)": "taken", **film}
    versions = prompts.styles.versions(ADA, old.id)
    assert versions == ((old,) if on_changed is OnChanged.REPLACE else ())


def test_anothers_style_is_left_and_a_private_one_is_ones_own(prompts: Prompts) -> None:
    prompts.styles.save(ADA, "Film", "ada's")
    result = prompts.style_import.run(BOB, FILES, OnChanged.REPLACE, Visibility.PRIVATE)
    assert (result.added, result.replaced, result.left) == (2, 0, 1)
    assert words(prompts) == {"Film": "ada's"}
    with pytest.raises(NotAllowed):
        prompts.style_import.run(VIEWER, FILES, OnChanged.LEAVE)


def test_there_and_back(prompts: Prompts) -> None:
    long = "x" * MAX_STYLE_NAME
    data = HEADER + f'{long},"a ""b"", {{prompt}}","no\nlines"\nÜbung,naïve,\n'.encode()
    prompts.style_import.run(ADA, (StyleFile("a.csv", data),), OnChanged.LEAVE)
    exported = write_styles(each.style for each in prompts.styles.list(ADA))
    assert exported.startswith(b"\xef\xbb\xbf")
    assert set(read_styles(exported)) == set(read_styles(data))
    again = prompts.style_import.run(
        ADA, (StyleFile("a.csv", data.replace(b"lines", b"rows")),), OnChanged.KEEP_BOTH
    )
    assert (again.added, again.left) == (1, 1)
    assert {len(name) for name in words(prompts)} == {MAX_STYLE_NAME, len("Übung")}


def test_too_many_files_are_refused(prompts: Prompts) -> None:
    with pytest.raises(InvalidInput, match="at once"):
        prompts.style_import.plan(ADA, FILES[:1] * (MAX_FILES + 1))
