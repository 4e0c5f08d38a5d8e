"""The lists as each person sees them: whose jobs, redacted or not, and what a page costs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from ulid import ULID

from core.aws.client import Aws
from core.errors import InvalidInput, NotAllowed, NotFound
from core.jobs.records import Job, JobFailure, JobFilter, JobOrder, JobScope, JobState, redacted
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.jobs.store.interface import JobStore
from core.records.dynamodb import DynamoRecordStore, records_table_definition
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access, allow_all
from core.team.people import PEOPLE, Person
from core.team.permissions import Action, Visibility
from core.team.sharing import MAX_SHARED, Sharing
from core.team.users import Role, User
from formats.generation.result import ErrorCode
from tests.core.jobs.store.jobs import NOW, job

ANN: Final = User(name="ann", role=Role.ARTIST)
BOB: Final = User(name="bob", role=Role.ARTIST)
VIEWER: Final = User(name="vic", role=Role.VIEWER)
OPERATOR: Final = User(name="ops", role=Role.OPERATOR)
TEAM: Final = Visibility.TEAM
PRIVATE: Final = Visibility.PRIVATE


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordStore]:
    opened = SqliteRecordStore(tmp_path / "records.sqlite")
    for who in (ANN, BOB, VIEWER, OPERATOR):
        person = Person(name=who.name, first_seen=NOW, last_seen=NOW)
        opened.add(PEOPLE, who.name, "person", person)
    yield opened
    opened.close()


@pytest.fixture
def jobs(store: JobStore, records: RecordStore) -> AuthorizedJobs:
    return AuthorizedJobs(store, Sharing(records, lambda: NOW), Access())


@pytest.fixture
def kept(store: JobStore, jobs: AuthorizedJobs) -> list[Job]:
    """Ann's: private, shared with Bob, of the team; Bob's: private, of the team. Oldest first."""
    made = [
        job(0, pose_score=0.9, prompt="a secret"),
        job(1, pose_score=0.5, state=JobState.FAILED),
        job(2, pose_score=0.7, visibility=TEAM),
        job(3, pose_score=0.8, owner="bob", state=JobState.FAILED),
        job(4, pose_score=0.2, owner="bob", visibility=TEAM),
    ]
    for one in made:
        store.add(one)
    jobs.share(ANN, made[1].id, PRIVATE, ("bob",))
    return made


def numbers(kept: list[Job], found: tuple[Job, ...]) -> list[int]:
    ids = [one.id for one in kept]
    return [ids.index(one.id) for one in found]


SCOPES: Final[list[tuple[User, JobScope, list[int], list[int]]]] = [
    (ANN, JobScope.MINE, [2, 1, 0], [0, 2, 1]),
    (BOB, JobScope.MINE, [4, 3], [3, 4]),
    (VIEWER, JobScope.MINE, [], []),
    (ANN, JobScope.TEAM, [4, 2], [2, 4]),
    (VIEWER, JobScope.TEAM, [4, 2], [2, 4]),
    (ANN, JobScope.SHARED, [], []),
    (BOB, JobScope.SHARED, [1], [1]),
    (OPERATOR, JobScope.EVERYBODY, [4, 3, 2, 1, 0], [2, 4]),
]
"""Who asks, for which list, and what is in it: newest first, and by pose score."""


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize(("user", "scope", "newest", "best"), SCOPES)
def test_a_list_has_what_its_reader_may_know_of(
    *,
    jobs: AuthorizedJobs,
    kept: list[Job],
    user: User,
    scope: JobScope,
    newest: list[int],
    best: list[int],
    limit: int,
) -> None:
    for order, expected in ((JobOrder.NEWEST, newest), (JobOrder.POSE_SCORE, best)):
        which, found, cursor = JobFilter(scope=scope, order=order), list[Job](), None
        while True:
            page = jobs.page(user, which, limit, cursor)
            assert len(page.jobs) <= limit
            found += page.jobs
            cursor = page.cursor
            if cursor is None:
                break
        assert numbers(kept, tuple(found)) == expected, order


@pytest.mark.parametrize(
    ("user", "scope", "failed"),
    [
        (BOB, JobScope.MINE, [3]),
        (BOB, JobScope.TEAM, []),
        (BOB, JobScope.SHARED, [1]),
        (OPERATOR, JobScope.EVERYBODY, [3, 1]),
    ],
)
def test_the_state_filter_works_in_each(
    jobs: AuthorizedJobs, kept: list[Job], user: User, scope: JobScope, failed: list[int]
) -> None:
    which = JobFilter(scope=scope, state=JobState.FAILED)
    assert numbers(kept, jobs.page(user, which, 50, None).jobs) == failed


def test_the_owner_of_a_filter_is_the_scopes(jobs: AuthorizedJobs, kept: list[Job]) -> None:
    which = JobFilter(owner="ann", visibility=PRIVATE)
    for scope, found in ((JobScope.MINE, [4, 3]), (JobScope.TEAM, [4, 2])):
        page = jobs.page(BOB, which.model_copy(update={"scope": scope}), 50, None)
        assert numbers(kept, page.jobs) == found


def test_everybodys_list_is_for_operators_and_tells_nothing_private(
    jobs: AuthorizedJobs, kept: list[Job]
) -> None:
    everybody = JobFilter(scope=JobScope.EVERYBODY)
    with pytest.raises(NotAllowed):
        jobs.page(BOB, everybody, 50, None)
    page = jobs.page(OPERATOR, everybody, 50, None)
    assert [one.is_redacted for one in page.jobs] == [False, True, False, True, True]
    assert page.jobs[4].owner == "ann"
    assert "secret" not in page.model_dump_json()
    assert {scope for scope in JobScope if scope not in jobs.scopes(BOB)} == {JobScope.EVERYBODY}
    assert jobs.scopes(OPERATOR) == tuple(JobScope)


def test_what_is_redacted_is_all_but_who_when_state_and_endpoint() -> None:
    failure = JobFailure(code=ErrorCode.MODEL_MISSING, message="secret.safetensors is missing")
    full: dict[str, Any] = {
        "bucket": "b",
        "instance_type": "ml.g5.xlarge",
        "shared_with": ("bob",),
        "prompt": "secret",
        "units": 2,
        "stage": "denoising",
        "step": 3,
        "steps": 9,
        "has_preview": True,
        "image_count": 4,
        "failure": failure,
        "pose_score": 0.5,
        "sent_at": NOW,
    }
    told = redacted(job(**full)).model_dump(exclude_defaults=True)
    known = {"id", "owner", "endpoint", "created_at", "updated_at", "mode"}
    assert told.keys() == known | {"checkpoint", "prompt"}
    assert (told["checkpoint"], told["prompt"], told["mode"]) == ("", "", "txt2img")


def test_unsharing_counts_at_once(jobs: AuthorizedJobs, kept: list[Job]) -> None:
    shared = JobFilter(scope=JobScope.SHARED)
    assert jobs.find(BOB, kept[1].id, Action.SEE, Action.USE).shared_with == ("bob",)
    jobs.share(ANN, kept[1].id, PRIVATE, ())
    assert jobs.page(BOB, shared, 50, None).jobs == ()
    with pytest.raises(NotFound):
        jobs.find(BOB, kept[1].id)


def test_a_list_that_was_not_brought_up_to_date_shows_nothing_more(
    jobs: AuthorizedJobs, store: JobStore, kept: list[Job]
) -> None:
    """As after a break between the job's record and the recipient's list, or a deleted job."""
    store.update(kept[1].id, frozenset(JobState), {"shared_with": ()})
    jobs._sharing.keep(job(9).id, "ann", ("bob",))
    assert jobs.page(BOB, JobFilter(scope=JobScope.SHARED), 50, None).jobs == ()


@pytest.mark.parametrize("user", [BOB, VIEWER, OPERATOR])
def test_only_its_owner_shares_a_job(
    jobs: AuthorizedJobs, store: JobStore, kept: list[Job], user: User
) -> None:
    for one in kept[:3]:
        before = store.get(one.id)
        with pytest.raises((NotAllowed, NotFound)):
            jobs.share(user, one.id, TEAM, ())
        assert store.get(one.id) == before


def test_nobody_unknown_and_not_too_many(jobs: AuthorizedJobs, kept: list[Job]) -> None:
    for people in (("eve",), tuple(f"p{n}" for n in range(MAX_SHARED + 1))):
        with pytest.raises(InvalidInput):
            jobs.share(ANN, kept[0].id, PRIVATE, people)
    changed = jobs.share(ANN, kept[0].id, PRIVATE, ("vic", "ann", "bob", "bob"))
    assert changed.shared_with == ("bob", "vic")


def test_without_an_identity_there_is_one_list_of_all(
    store: JobStore, records: RecordStore, kept: list[Job]
) -> None:
    jobs = AuthorizedJobs(store, Sharing(records, lambda: NOW), Access(allow_all))
    assert jobs.scopes(ANN) == (JobScope.EVERYBODY,)
    assert numbers(kept, jobs.page(ANN, JobFilter(), 50, None).jobs) == [4, 3, 2, 1, 0]
    assert numbers(kept, jobs.page(ANN, JobFilter(owner="bob"), 50, None).jobs) == [4, 3]


@pytest.fixture
def counted(moto_aws: Aws) -> Iterator[tuple[AuthorizedJobs, JobStore, list[str]]]:
    """Both tables in one account, and the calls that they take."""
    name = str(ULID())
    moto_aws.dynamodb().create_table(**table_definition(f"jobs-{name}"))
    moto_aws.dynamodb().create_table(**records_table_definition(f"records-{name}"))
    store = DynamoJobStore(moto_aws, f"jobs-{name}")
    records = DynamoRecordStore(moto_aws, f"records-{name}")
    records.add(PEOPLE, "bob", "person", Person(name="bob", first_seen=NOW, last_seen=NOW))
    asked: list[str] = []

    def note(model: Any, **_: object) -> None:
        asked.append(model.name)

    for opened in (store._db, records._db):
        opened.meta.events.register("before-call", note)
    yield AuthorizedJobs(store, Sharing(records, lambda: NOW), Access()), store, asked
    store.close()
    records.close()


def test_each_list_costs_one_query_however_many_jobs_there_are(
    counted: tuple[AuthorizedJobs, JobStore, list[str]],
) -> None:
    jobs, store, asked = counted
    for count in (1, 60):
        for number in range(count):
            private = job(number + count * 100)
            store.add(private)
            store.add(job(number + count * 1000, visibility=TEAM))
            jobs.share(ANN, private.id, PRIVATE, ("bob",))
        for user, scope, calls in (
            (ANN, JobScope.MINE, ["Query"]),
            (BOB, JobScope.TEAM, ["Query"]),
            (BOB, JobScope.SHARED, ["Query", "BatchGetItem"]),
            (OPERATOR, JobScope.EVERYBODY, ["Query"]),
        ):
            asked.clear()
            assert len(jobs.page(user, JobFilter(scope=scope), 50, None).jobs) >= min(count, 50)
            assert asked == calls, scope
