"""The library of wildcard files: many at once, their versions, who sees them, what is swept."""

from datetime import timedelta

import pytest

from core.aws.storage import Storage
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.prompts import versions
from core.prompts.service import Prompts, WildcardFormat
from core.records.interface import RecordStore
from core.team.permissions import Visibility
from core.team.users import SHARED
from formats.keys import WILDCARDS
from formats.prompts.dynamic.syntax import Place
from tests.core.prompts.conftest import ADA, BOB, BOSS, VIEWER, Opened
from tests.core.team.conftest import MovedClock


@pytest.fixture
def store(sqlite_store: RecordStore) -> RecordStore:
    return sqlite_store


def values(prompts: Prompts, name: str) -> list[str]:
    options = prompts.wildcards.collection(BOB).options(name, Place(0, ""))
    return [getattr(option.body.parts[0], "text", "") for option in options]


def texts_in(storage: Storage) -> int:
    return len(storage.list(WILDCARDS))


def test_many_files_are_uploaded_at_once(prompts: Prompts) -> None:
    uploaded = prompts.wildcards.upload(
        ADA,
        [
            ("colors.txt", b"red\nblue\n"),
            ("more/animals.yaml", b"birds: [crow]\ncats:\n  big: [tiger]"),
            ("picture.png", b"\x89PNG"),
            ("latin.txt", b"\xff\xfe"),
            ("colors.txt", b"green"),
        ],
        folder="team",
    )
    problems = [bool(each.problem) for each in uploaded]
    assert problems == [False, False, True, True, False]
    files = {file.name: file for file in prompts.wildcards.list(BOB)}
    assert set(files) == {"team/colors", "team/more/animals"}
    assert files["team/colors"].revision == 2
    assert files["team/more/animals"].names == ("birds", "cats/big")
    assert prompts.wildcards.collection(BOB).names == ("birds", "cats/big", "team/colors")
    assert values(prompts, "colors") == ["green"]
    assert values(prompts, "cats/*") == ["tiger"]


def test_each_edit_keeps_what_was_before(prompts: Prompts, storage: Storage) -> None:
    files = prompts.wildcards
    first = files.save(ADA, "colors", "red")
    second = files.update(ADA, first, name="hues", text="blue\ngreen")
    assert (second.revision, second.values, second.names) == (2, 2, ("hues",))
    assert files.versions(BOB, first.id) == (first,)
    assert [files.text(BOB, first.id, number) for number in (None, 2, 1)] == [
        "blue\ngreen",
        "blue\ngreen",
        "red",
    ]
    with pytest.raises(Conflict, match="changed meanwhile"):
        files.update(ADA, first, name="colors", text="mine")
    assert texts_in(storage) == 2
    third = files.restore_version(BOSS, first.id, 1)
    assert (third.name, files.text(ADA, first.id), third.updated_by) == ("colors", "red", BOSS.name)
    with pytest.raises(NotAllowed):
        files.update(BOB, third, name="bobs", text="x")
    with pytest.raises(NotFound):
        files.restore_version(ADA, first.id, 9)


def test_the_oldest_versions_go_with_their_texts(
    prompts: Prompts, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "MAX_VERSIONS", 2)
    file = prompts.wildcards.save(ADA, "colors", "0")
    for number in range(1, 5):
        file = prompts.wildcards.update(ADA, file, name="colors", text=str(number))
    kept = prompts.wildcards.versions(ADA, file.id)
    assert [prompts.wildcards.text(ADA, file.id, each.revision) for each in kept] == ["3", "2"]
    assert texts_in(storage) == 3


@pytest.mark.parametrize(
    ("name", "text", "written", "field"),
    [
        ("a__b", "x", WildcardFormat.TXT, "name"),
        ("../a", "x", WildcardFormat.TXT, "name"),
        ("taken", "x", WildcardFormat.TXT, "name"),
        ("colors", "# nothing", WildcardFormat.TXT, "text"),
        ("colors", "{", WildcardFormat.JSON, "text"),
    ],
)
def test_says_what_is_wrong(
    prompts: Prompts, storage: Storage, name: str, text: str, written: WildcardFormat, field: str
) -> None:
    prompts.wildcards.save(BOB, "taken", "x")
    with pytest.raises(InvalidInput) as raised:
        prompts.wildcards.save(ADA, name, text, written)
    assert raised.value.field == field
    assert texts_in(storage) == 1


def test_a_deleted_file_can_be_restored_for_thirty_days(
    prompts: Prompts, storage: Storage, clock: MovedClock
) -> None:
    files = prompts.wildcards
    file = files.update(ADA, files.save(ADA, "colors", "red"), name="colors", text="blue")
    files.delete(ADA, file.id)
    assert files.list(ADA) == ()
    assert not files.collection(BOB).has("colors")
    files.restore(ADA, file.id)
    assert values(prompts, "colors") == ["blue"]
    files.delete(ADA, file.id)
    clock.now += timedelta(days=31)
    other = files.save(ADA, "other", "x")
    files.delete(ADA, other.id)
    assert [each.id for each in files.list(ADA, in_trash=True)] == [other.id]
    assert texts_in(storage) == 1


def test_a_private_file_is_its_owners_alone(prompts: Prompts) -> None:
    files = prompts.wildcards
    file = files.save(ADA, "secret", "red", visibility=Visibility.PRIVATE)
    assert files.collection(ADA).has("secret")
    assert not files.collection(BOB).has("secret")
    assert files.collection(BOB).nearest("secre") == ""
    with pytest.raises(NotFound):
        files.text(BOB, file.id)
    files.share(ADA, file.id, Visibility.TEAM)
    assert values(prompts, "secret") == ["red"]
    assert not files.collection(VIEWER).has("secret")


def test_what_the_team_uses_stays_where_its_owner_goes(prompts: Prompts, storage: Storage) -> None:
    files = prompts.wildcards
    team = files.save(ADA, "team", "red")
    files.save(ADA, "own", "red", visibility=Visibility.PRIVATE)
    assert files.count_of(ADA.name) == 2
    files.remove_all(ADA.name)
    assert [(each.id, each.owner) for each in files.list(BOB)] == [(team.id, SHARED)]
    assert texts_in(storage) == 1


def test_another_dashboard_reads_a_change_soon(
    prompts: Prompts, open_prompts: Opened, clock: MovedClock
) -> None:
    file = prompts.wildcards.save(ADA, "colors", "red")
    other = open_prompts()
    assert values(other, "colors") == ["red"]
    prompts.wildcards.update(ADA, file, name="colors", text="blue")
    clock.now += timedelta(seconds=11)
    assert values(other, "colors") == ["blue"]
