"""The search finds the jobs of a query on both stores, and tells nobody what they may not see."""

from datetime import timedelta
from typing import Any, Final

import pytest

from core.errors import InvalidInput, NotAllowed
from core.jobs.records import OPEN_STATES, Job, JobOrder, JobScope, JobState
from core.jobs.search.query import JobFacet, JobQuery
from core.jobs.search.service import JobSearch
from core.jobs.store.interface import JobStore
from core.team.access import Access, allow_all
from core.team.permissions import Visibility
from core.team.users import LOCAL, Role, User
from formats.generation.parameters import Mode
from tests.core.jobs.search.conftest import OpenSearch
from tests.core.jobs.store.jobs import NOW, job

ANN: Final = User(name="ann", role=Role.ARTIST)
BOB: Final = User(name="bob", role=Role.ARTIST)
OPERATOR: Final = User(name="ops", role=Role.OPERATOR)
TEAM: Final = Visibility.TEAM
DAY: Final = 24 * 60


@pytest.fixture
def kept(store: JobStore) -> list[Job]:
    """Ann's but the fourth; oldest first."""
    made = [
        job(0, prompt="a cat, black fur", tags=("Keeper", "client a"), pose_score=0.9),
        job(1, prompt="a Cathédrale at night", loras=("ink.safetensors",), starred_by=("ann",)),
        job(2, prompt="two dogs", negative_prompt="cat", visibility=TEAM, styles=("Film",)),
        job(3, prompt="a cat", owner="bob", checkpoint="b.safetensors", tags=("secret",)),
        job(
            DAY, prompt="black_cat " + "x" * 280, prompt_rest="a tail at the end", mode=Mode.IMG2IMG
        ),
        job(2 * DAY, prompt="a fish", state=JobState.FAILED, endpoint="big", pose_score=0.4),
        job(2 * DAY + 1, prompt="a bin", trashed_at=NOW + timedelta(days=3)),
    ]
    for one in made:
        store.add(one)
    return made


def numbers(kept: list[Job], search: JobSearch, user: User, query: JobQuery) -> list[int]:
    """Which jobs a page has: the same as all ids, and as many as are counted."""
    ids = [one.id for one in kept]
    page = search.page(user, query)
    found = [job.id for job in page.jobs]
    assert tuple(found) == search.ids(user, query, 100)
    assert page.found == search.facets(user, query).found == len(found)
    return [ids.index(job_id) for job_id in found]


QUERIES: Final[list[tuple[dict[str, Any], list[int]]]] = [
    ({}, [5, 4, 3, 2, 1, 0]),
    ({"text": "cat"}, [4, 3, 1, 0]),
    ({"text": "cat -black"}, [3, 1]),
    ({"text": '"black cat"'}, [4]),
    ({"text": '"black cat" OR fish'}, []),
    ({"text": "CATHEDRALE night"}, [1]),
    ({"text": "-cat"}, [5, 2]),
    ({"text": "negative:cat"}, [2]),
    ({"text": "model:ink"}, [1]),
    ({"text": "tag:keeper"}, [0]),
    ({"text": '-tag:"client a" cat'}, [4, 3, 1]),
    ({"text": "tail"}, [4]),
    ({"text": 'half "open'}, []),
    ({"text": ', - ""'}, [5, 4, 3, 2, 1, 0]),
    ({"text": "10:30"}, []),
    ({"choices": {JobFacet.STATE: ("failed", "running")}}, [5]),
    ({"choices": {JobFacet.MODE: ("img2img",)}}, [4]),
    ({"choices": {JobFacet.TAG: ("client a", "secret")}}, [3, 0]),
    ({"choices": {JobFacet.LORA: ("ink.safetensors",), JobFacet.OWNER: ("bob",)}}, []),
    ({"choices": {JobFacet.STYLE: ("Film",)}}, [2]),
    ({"choices": {JobFacet.ENDPOINT: ("big",)}}, [5]),
    ({"choices": {JobFacet.CHECKPOINT: ("b.safetensors",)}}, [3]),
    ({"first_day": (NOW + timedelta(days=1)).date()}, [5, 4]),
    ({"last_day": NOW.date()}, [3, 2, 1, 0]),
    ({"min_pose_score": 0.5}, [0]),
    ({"order": JobOrder.POSE_SCORE}, [0, 5]),
    ({"in_trash": True}, [6]),
]


@pytest.mark.parametrize(("asked", "expected"), QUERIES, ids=str)
def test_a_query_finds(
    open_search: OpenSearch, kept: list[Job], asked: dict[str, Any], expected: list[int]
) -> None:
    search = open_search(access=Access(allow_all))
    assert numbers(kept, search, LOCAL, JobQuery(**asked)) == expected


@pytest.mark.parametrize(
    ("user", "scope", "text", "expected"),
    [
        (ANN, JobScope.MINE, "", [5, 4, 2, 1, 0]),
        (BOB, JobScope.MINE, "", [3]),
        (BOB, JobScope.TEAM, "", [2]),
        (BOB, JobScope.SHARED, "", [0]),
        (BOB, JobScope.SHARED, "cat", [0]),
        (ANN, JobScope.SHARED, "", []),
        (OPERATOR, JobScope.EVERYBODY, "", [5, 4, 3, 2, 1, 0]),
        (OPERATOR, JobScope.EVERYBODY, "cat", []),
        (OPERATOR, JobScope.EVERYBODY, "-cat", [2]),
    ],
)
def test_a_list_has_what_its_reader_may_know_of(
    *,
    open_search: OpenSearch,
    store: JobStore,
    kept: list[Job],
    user: User,
    scope: JobScope,
    text: str,
    expected: list[int],
) -> None:
    store.update(kept[0].id, OPEN_STATES, {"shared_with": ("bob",)})
    search = open_search()
    assert numbers(kept, search, user, JobQuery(scope=scope, text=text)) == expected


def test_counts_tell_nothing_of_what_is_inside_of_private_jobs(
    open_search: OpenSearch, kept: list[Job]
) -> None:
    counts = open_search().facets(OPERATOR, JobQuery(scope=JobScope.EVERYBODY)).counts
    assert counts[JobFacet.OWNER] == {"ann": 5, "bob": 1}
    assert counts[JobFacet.STATE] == {"queued": 5, "failed": 1}
    assert counts[JobFacet.TAG] == counts[JobFacet.LORA] == {}
    assert counts[JobFacet.STYLE] == {"Film": 1}
    assert counts[JobFacet.CHECKPOINT] == {"a.safetensors": 1}
    with pytest.raises(NotAllowed):
        open_search("two").facets(ANN, JobQuery(scope=JobScope.EVERYBODY))


def test_a_facet_counts_what_each_of_its_values_would_leave(
    open_search: OpenSearch, kept: list[Job]
) -> None:
    query = JobQuery(text="cat", choices={JobFacet.TAG: ("secret",)})
    found = open_search(access=Access(allow_all)).facets(LOCAL, query)
    assert found.found == 1
    assert found.counts[JobFacet.TAG] == {"Keeper": 1, "client a": 1, "secret": 1}
    assert found.counts[JobFacet.OWNER] == {"bob": 1}


def test_favourites_are_those_of_who_asks(open_search: OpenSearch, kept: list[Job]) -> None:
    search, query = open_search(), JobQuery(favourites=True)
    assert numbers(kept, search, ANN, query) == [1]
    assert numbers(kept, search, BOB, query) == []
    assert search.facets(ANN, JobQuery()).favourites == 1
    assert search.facets(BOB, JobQuery()).favourites == 0


def test_pages_follow_each_other(open_search: OpenSearch, kept: list[Job]) -> None:
    search, found, cursor = open_search(), list[str](), None
    while True:
        page = search.page(ANN, JobQuery(), 2, cursor)
        found += [one.id for one in page.jobs]
        assert page.found == 5
        if (cursor := page.cursor) is None:
            break
    assert tuple(found) == search.ids(ANN, JobQuery(), 100)
    assert search.ids(ANN, JobQuery(), 3) == tuple(found[:3])
    with pytest.raises(InvalidInput):
        search.page(ANN, JobQuery(), 2, "x")


def test_the_store_decides_what_a_page_shows(
    open_search: OpenSearch, store: JobStore, kept: list[Job]
) -> None:
    """What another dashboard wrote since the last look is not shown as the index has it."""
    search = open_search()
    search._sync._monotonic = lambda: 0.0  # so that it looks for no changes
    search._sync._next = 1.0
    store.delete(kept[5].id)
    store.update(kept[4].id, OPEN_STATES, {"trashed_at": NOW})
    store.update(kept[2].id, OPEN_STATES, {"owner": "bob", "visibility": Visibility.PRIVATE})
    store.update(kept[1].id, OPEN_STATES, {"prompt": "changed"})
    page = search.page(ANN, JobQuery())
    assert [one.prompt for one in page.jobs] == ["changed", kept[0].prompt]
    assert kept[5].id not in search.ids(ANN, JobQuery(), 100)
