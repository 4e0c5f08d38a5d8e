"""The whole table of permissions, as a team's admin would write it down."""

from itertools import product
from typing import Final

import pytest

from core.errors import NotAllowed
from core.team.access import Access, allow_all
from core.team.permissions import RULES, Action, Item, Kind, Visibility
from core.team.users import LOCAL, Role, User
from tests.support.helpers import ROOT

MINE, TEAMS, SHARED, PRIVATE = range(4)
"""Whose the item is."""

_NOBODY: Final = "-"
TABLE: Final = """
model list       viewer   viewer   -        -
model see        viewer   viewer   -        -
model use        artist   artist   -        -
model create     artist   -        -        -
model change     artist   operator -        -
model delete     artist   operator -        -
endpoint list    viewer   viewer   -        -
endpoint see     viewer   viewer   -        -
endpoint use     artist   artist   -        -
endpoint create  operator -        -        -
endpoint change  operator operator -        -
endpoint delete  operator operator -        -
job list         viewer   viewer   viewer   operator
job see          viewer   viewer   viewer   -
job use          artist   artist   artist   -
job create       artist   -        -        -
job change       artist   operator operator operator
job delete       artist   admin    admin    admin
job share        artist   -        -        -
image see        viewer   viewer   viewer   -
image use        artist   artist   artist   -
collection list   viewer   viewer   -        -
collection create artist   -        -        -
collection change artist   artist   -        -
collection delete artist   operator -        -
pose list        viewer   viewer   viewer   -
pose see         viewer   viewer   viewer   -
pose use         artist   artist   artist   -
pose create      artist   -        -        -
pose change      artist   operator -        -
pose delete      artist   operator -        -
pose share       artist   -        -        -
style list       viewer   viewer   viewer   -
style see        viewer   viewer   viewer   -
style use        artist   artist   artist   -
style create     artist   -        -        -
style change     artist   operator -        -
style delete     artist   operator -        -
style share      artist   -        -        -
wildcard list    viewer   viewer   viewer   -
wildcard see     viewer   viewer   viewer   -
wildcard use     artist   artist   artist   -
wildcard create  artist   -        -        -
wildcard change  artist   operator -        -
wildcard delete  artist   operator -        -
wildcard share   artist   -        -        -
form_preset list     viewer   viewer   viewer   -
form_preset see      viewer   viewer   viewer   -
form_preset create   artist   -        -        -
form_preset change   artist   operator -        -
form_preset delete   artist   operator -        -
form_preset share    artist   -        -        -
team see         admin    admin    -        -
team change      admin    admin    -        -
audit see        admin    admin    -        -
API_key list   viewer   admin    -        admin
API_key create artist   -        -        -
API_key delete viewer   admin    -        admin
"""


def rows() -> list[tuple[str, str, list[str]]]:
    lines = [line.split() for line in TABLE.strip().splitlines()]
    return [(line[0].replace("_", " "), line[1], line[2:]) for line in lines]


EXPECTED: Final = {(Kind(k), Action(a)): least for k, a, least in rows()}


def item(kind: Kind, whose: int, user: User) -> Item:
    return Item(
        kind=kind,
        owner=user.name if whose == MINE else "somebody else",
        visibility=Visibility.TEAM if whose == TEAMS else Visibility.PRIVATE,
        shared_with=(user.name,) if whose == SHARED else (),
    )


@pytest.mark.parametrize("whose", [MINE, TEAMS, SHARED, PRIVATE])
@pytest.mark.parametrize("role", Role)
def test_every_cell(role: Role, whose: int) -> None:
    user, access = User(name="ada", role=role), Access()
    for kind, action in product(Kind, Action):
        least = EXPECTED.get((kind, action), [_NOBODY] * 4)[whose]
        may = least != _NOBODY and role.rank >= Role(least).rank
        assert access.may(user, action, item(kind, whose, user)) is may, (kind, action)


def test_the_table_has_no_row_that_is_not_written_down() -> None:
    assert EXPECTED.keys() == RULES.keys()


@pytest.mark.parametrize("action", Action)
def test_a_refusal_says_whom_to_ask(action: Action) -> None:
    nobody = User(name="nobody", role=Role.VIEWER)
    with pytest.raises(NotAllowed, match=r"Ask "):
        Access().require(nobody, action, Item(kind=Kind.AUDIT))


def test_without_an_identity_local_may_all() -> None:
    for kind, action in product(Kind, Action):
        assert Access(allow_all).may(LOCAL, action, Item(kind=kind, owner="somebody else"))


def test_the_page_of_the_team_shows_the_same_table() -> None:
    section = (ROOT / "docs" / "team.md").read_text("utf-8").partition("## Who sees what")[2]
    lines = section.partition("\n## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    shown = [row for row in cells if len(row) == 6][2:]
    assert shown == [
        [kind.value, action.value, *(least.value if least else "nobody" for least in rule)]
        for (kind, action), rule in RULES.items()
    ]
