"""The team's tag list: who changes it, and what is left of the one before."""

import gzip
from collections.abc import Iterator

import pytest

from core.aws.client import Connection
from core.errors import InvalidInput, NotAllowed
from core.studio.service import Studio
from core.team.users import Role, User
from formats.keys import TAG_LISTS
from tests.core.team.services import ADMIN, BY_ROLE, team_studio


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with team_studio(connection, tmp_path_factory.mktemp("tags"), "team-tags") as opened:
        yield opened


def objects(studio: Studio) -> list[str]:
    return [each.key for each in studio.storage.list(TAG_LISTS)]


def test_an_import_a_replacement_and_the_end(studio: Studio) -> None:
    lists = studio.tag_lists
    assert lists.current() is None
    first = lists.replace(ADMIN, "danbooru.csv", b"cat,0,1,\ndog,0,2,")
    assert (first.name, first.tags, lists.current()) == ("danbooru.csv", 2, first)
    assert gzip.decompress(lists.packed(first.sha256) or b"") == b"dog\t2\t\t\ncat\t1\t\t\n"
    assert lists.replace(ADMIN, "again.csv", b"cat,0,1,\ndog,0,2,").sha256 == first.sha256
    assert len(objects(studio)) == 1
    second = lists.replace(ADMIN, "e621.csv", b"fox")
    assert (lists.packed(first.sha256), len(objects(studio))) == (None, 1)
    with pytest.raises(InvalidInput, match="Line 1") as refused:
        lists.replace(ADMIN, "no.csv", b"a,0,x,")
    assert (refused.value.field, lists.current()) == ("tags", second)
    lists.delete(ADMIN)
    assert (lists.current(), lists.packed(second.sha256), objects(studio)) == (None, None, [])


@pytest.mark.parametrize("user", [user for role, user in BY_ROLE.items() if role is not Role.ADMIN])
def test_only_admins_change_it(studio: Studio, user: User) -> None:
    with pytest.raises(NotAllowed):
        studio.tag_lists.replace(user, "mine.csv", b"cat")
    with pytest.raises(NotAllowed):
        studio.tag_lists.delete(user)
    assert (studio.tag_lists.current(), objects(studio)) == (None, [])
