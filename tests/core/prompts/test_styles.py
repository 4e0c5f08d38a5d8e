"""The library of styles: within its bounds, seen by those who may, restored from its trash."""

from datetime import timedelta

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.prompts.service import Prompts
from core.prompts.styles.versions import MAX_VERSIONS, StyleVersions
from core.records.interface import RecordStore
from core.team.permissions import Visibility
from core.team.users import SHARED
from formats.limits import MAX_STYLE_NAME, PROMPT_BYTES
from tests.core.prompts.conftest import ADA, BOB, BOSS, VIEWER, Opened
from tests.core.team.conftest import MovedClock


@pytest.mark.parametrize(
    ("name", "prompt", "field"),
    [
        ("", "ink", "name"),
        ("x" * (MAX_STYLE_NAME + 1), "ink", "name"),
        ("# divider", "ink", "name"),
        ("Ink", " ", "prompt"),
        ("Ink", "ü" * (PROMPT_BYTES // 2 + 1), "prompt"),
        ("Taken", "ink", "name"),
    ],
)
def test_says_what_is_wrong_with_a_style(
    prompts: Prompts, name: str, prompt: str, field: str
) -> None:
    prompts.styles.save(BOB, "Taken", "x")
    with pytest.raises(InvalidInput) as raised:
        prompts.styles.save(ADA, name, prompt)
    assert raised.value.field == field
    assert [each.name for each in prompts.styles.list(ADA)] == ["Taken"]


def test_another_dashboard_has_it_at_once_or_soon(
    prompts: Prompts, open_prompts: Opened, clock: MovedClock
) -> None:
    other = open_prompts().styles
    assert other.list(BOB) == ()
    kept = prompts.styles.save(ADA, " Ink  wash ", "ink", note="for panels ")
    assert (kept.name, kept.note) == ("Ink wash", "for panels")
    clock.now += timedelta(seconds=11)
    assert other.list(BOB) == (kept,)


def test_each_edit_keeps_what_was_before(prompts: Prompts) -> None:
    styles = prompts.styles
    first = styles.save(ADA, "Ink", "ink")
    second = styles.update(ADA, first, name="Ink wash", prompt="wash", negative_prompt="line")
    assert styles.versions(BOB, first.id) == (first,)
    with pytest.raises(Conflict, match="changed meanwhile"):
        styles.update(ADA, first, name="Ink", prompt="mine", negative_prompt="")
    third = styles.restore_version(BOSS, first.id, 1)
    assert (third.name, third.prompt, third.negative_prompt) == ("Ink", "ink", "")
    assert (third.revision, third.updated_by) == (3, BOSS.name)
    assert styles.versions(BOB, first.id) == (second, first)
    with pytest.raises(NotFound):
        styles.restore_version(ADA, first.id, 9)
    with pytest.raises(NotAllowed):
        styles.update(BOB, third, name="Bob's", prompt="x", negative_prompt="")


def test_the_oldest_versions_go_first(prompts: Prompts, store: RecordStore) -> None:
    style = prompts.styles.save(ADA, "Ink", "0")
    versions = StyleVersions(store)
    for number in range(1, MAX_VERSIONS + 3):
        versions.keep(style.model_copy(update={"revision": number}))
    assert [each.revision for each in versions.of(style.id)] == list(range(52, 2, -1))


def test_the_trash_gives_back_for_thirty_days(prompts: Prompts, clock: MovedClock) -> None:
    styles = prompts.styles
    ink, film = styles.save(ADA, "Ink", "ink"), styles.save(ADA, "Film", "film")
    styles.delete(ADA, ink.id)
    assert styles.list(ADA) == (film,)
    assert [each.id for each in styles.list(ADA, in_trash=True)] == [ink.id]
    assert styles.list(BOB, in_trash=True) == ()
    styles.restore(ADA, ink.id)
    assert styles.list(BOB) == (film, ink)
    styles.delete(ADA, ink.id)
    styles.save(BOB, "Ink", "another")
    with pytest.raises(InvalidInput, match="already"):
        styles.restore(ADA, ink.id)
    clock.now += timedelta(days=31)
    styles.delete(ADA, film.id)
    assert [each.id for each in styles.list(ADA, in_trash=True)] == [film.id]
    with pytest.raises(NotFound):
        styles.get(ADA, ink.id)


def test_who_may_not_see_a_style_does_not_hear_of_it(prompts: Prompts) -> None:
    styles = prompts.styles
    kept = styles.save(ADA, "Ink", "ink", visibility=Visibility.PRIVATE)
    for ask in (styles.get, styles.delete, styles.restore):
        with pytest.raises(NotFound):
            ask(BOB, kept.id)
    styles.share(ADA, kept.id, Visibility.TEAM)
    assert styles.list(VIEWER)[0].id == kept.id
    with pytest.raises(NotAllowed):
        styles.delete(BOB, kept.id)
    with pytest.raises(NotAllowed):
        styles.save(VIEWER, "Mine", "ink")


def test_of_who_is_removed_the_team_keeps_what_it_sees(prompts: Prompts) -> None:
    styles = prompts.styles
    shared = styles.save(ADA, "Ink", "ink")
    styles.save(ADA, "Mine", "ink", visibility=Visibility.PRIVATE)
    assert styles.count_of(ADA.name) == 2
    styles.remove_all(ADA.name)
    assert styles.count_of(ADA.name) == 0
    assert [(each.id, each.owner) for each in styles.list(BOSS)] == [(shared.id, SHARED)]
    styles.hand_over(SHARED, BOB.name)
    assert styles.list(BOB)[0].owner == BOB.name
