"""Collections keep their title, cover and order; favourites are one star a person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InvalidInput, NotFound
from core.ids import new_id
from core.jobs.records import OPEN_STATES, Job
from core.jobs.search.collections import MAX_OF_JOB, MAX_TITLE, Collection, JobCollections
from core.jobs.search.favourites import MAX_STARS, JobFavourites
from core.jobs.search.query import JobFacet, JobQuery
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.interface import JobStore
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.permissions import Visibility
from core.team.sharing import Sharing
from core.team.users import Role, User
from tests.core.jobs.search.conftest import OpenSearch
from tests.core.jobs.store.jobs import NOW, job

ANN = User(name="ann", role=Role.ARTIST)
BOB = User(name="bob", role=Role.ARTIST)


@pytest.fixture
def authorized(store: JobStore, tmp_path: Path) -> Iterator[AuthorizedJobs]:
    records = SqliteRecordStore(tmp_path / "shared.sqlite")
    yield AuthorizedJobs(store, Sharing(records, lambda: NOW), Access())
    records.close()


@pytest.fixture
def boards(authorized: AuthorizedJobs, tmp_path: Path) -> Iterator[JobCollections]:
    records = SqliteRecordStore(tmp_path / "boards.sqlite")
    yield JobCollections(records, authorized, Access(), lambda: NOW, new_id)
    records.close()


@pytest.fixture
def jobs(store: JobStore) -> list[Job]:
    made = [job(minute, visibility=Visibility.TEAM) for minute in range(4)]
    for each in made:
        store.add(each)
    return made


def shown(open_search: OpenSearch, board: Collection, name: str) -> tuple[str, ...]:
    query = JobQuery(choices={JobFacet.COLLECTION: (board.id,)}, placed=board.placed)
    return open_search(name).ids(ANN, query, 10)


def test_jobs_stand_on_a_board_in_its_order(
    boards: JobCollections, open_search: OpenSearch, jobs: list[Job]
) -> None:
    board = boards.create(ANN, "  Client \n A ")
    for each in jobs:
        boards.add(BOB, board.id, each.id)
    boards.remove(ANN, board.id, jobs[3].id)
    first, second, third = (each.id for each in jobs[:3])
    assert shown(open_search, boards.find(ANN, board.id), "newest") == (third, second, first)
    boards.place(BOB, board.id, (first, third, first))
    placed = boards.find(ANN, board.id)
    assert (placed.title, placed.placed) == ("Client A", (first, third))
    assert shown(open_search, placed, "placed") == (first, third, second)
    search = open_search("covers")
    assert search.covers(ANN, (placed,))[board.id].id == first
    boards.set_cover(ANN, board.id, second)
    assert search.covers(ANN, boards.list(ANN))[board.id].id == second
    assert boards.titles(BOB) == {board.id: "Client A"}


def test_a_board_shows_nobody_a_job_that_they_may_not_see(
    boards: JobCollections, open_search: OpenSearch, store: JobStore
) -> None:
    store.add(private := job())
    board = boards.create(ANN, "Board")
    boards.add(ANN, board.id, private.id)
    with pytest.raises(NotFound):
        boards.add(BOB, board.id, private.id)
    search = open_search()
    assert search.covers(BOB, (board,)) == {}
    assert search.covers(ANN, (board,)).keys() == {board.id}


def test_a_deleted_board_is_gone_and_its_jobs_stay(
    boards: JobCollections, store: JobStore, jobs: list[Job]
) -> None:
    board = boards.create(ANN, "Board")
    boards.add(ANN, board.id, jobs[0].id)
    boards.delete(ANN, board.id)
    assert boards.list(ANN) == ()
    assert store.get(jobs[0].id) is not None
    with pytest.raises(NotFound):
        boards.add(ANN, board.id, jobs[0].id)


@pytest.mark.parametrize("title", ["", "  ", "x" * (MAX_TITLE + 1)])
def test_a_bad_title_is_refused(boards: JobCollections, title: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        boards.create(ANN, title)
    assert raised.value.field == "title"
    assert boards.list(ANN) == ()


def test_a_job_is_in_so_many_boards_and_liked_by_so_many_people(
    boards: JobCollections, authorized: AuthorizedJobs, store: JobStore, jobs: list[Job]
) -> None:
    full = {
        "collections": tuple(map(str, range(MAX_OF_JOB))),
        "starred_by": tuple(f"p{number:03}" for number in range(MAX_STARS)),
    }
    store.update(jobs[0].id, OPEN_STATES, full)
    board = boards.create(ANN, "Board")
    with pytest.raises(InvalidInput):
        boards.add(ANN, board.id, jobs[0].id)
    with pytest.raises(InvalidInput):
        JobFavourites(authorized).toggle(ANN, jobs[0].id)
    assert JobFavourites(authorized).toggle(ANN, jobs[1].id)
    assert JobFavourites(authorized).toggle(BOB, jobs[1].id)
    assert not JobFavourites(authorized).toggle(ANN, jobs[1].id)
    kept = store.get(jobs[1].id)
    assert kept is not None
    assert kept.starred_by == ("bob",)
