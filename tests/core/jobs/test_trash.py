"""The trash of jobs: what is in it shows nowhere else, comes back whole, and goes after 30 days."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from core.aws.client import Connection
from core.errors import AwsError, Conflict, NotFound
from core.ids import new_id, utc_now
from core.jobs.records import Job, JobFilter, JobScope, JobState
from core.jobs.store.owned_jobs import OwnedJobs
from core.jobs.trash.service import JobTrash
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.people import SignIn
from core.team.permissions import Visibility
from core.team.users import SYSTEM, Role, User
from formats.keys import job_prefix
from tests.core.team.services import keep_job
from tests.core.team.test_isolation import connection as team_connection

ANN, BOB = (User(name=f"idp/{name}", role=Role.ARTIST) for name in ("ann", "bob"))
BOSS = User(name="idp/boss", role=Role.ADMIN)

connection = team_connection


class Clock:
    """Told how late it is."""

    def __init__(self) -> None:
        self.days = 0.0

    def __call__(self) -> datetime:
        return utc_now() + timedelta(days=self.days)


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = Settings(
        demo=False, identity="oidc", data=tmp_path_factory.mktemp("trash"), bucket="job-trash"
    )
    with open_studio(settings, connection) as opened:
        for who in (ANN, BOB, BOSS):
            opened.people.enter(SignIn(name=who.name))
        yield opened


@pytest.fixture
def job(studio: Studio) -> Job:
    """Ann's, which the team may see."""
    return keep_job(studio, ANN.name, visibility=Visibility.TEAM, pose_score=0.9)


def sweeper(studio: Studio, days: float = 0) -> JobTrash:
    clock = Clock()
    clock.days = days
    return JobTrash(studio.jobs._authorized, studio.records, studio.storage, clock)


def listed(studio: Studio, user: User, **which: Any) -> set[str]:
    scopes = studio.jobs.scopes(user)
    pages = [studio.jobs.page(user, JobFilter(scope=scope, **which), 1000) for scope in scopes]
    return {job.id for page in pages for job in page.jobs}


def test_a_job_in_the_trash_is_there_for_who_may_restore_it(studio: Studio, job: Job) -> None:
    studio.job_trash.put(ANN, job.id)
    studio.job_trash.put(ANN, job.id)  # again is harmless
    for user in (ANN, BOB, BOSS):
        assert job.id not in listed(studio, user)
        newest = studio.jobs.newest(user)
        assert newest is None or newest.id != job.id
    assert job.id in listed(studio, ANN, in_trash=True)
    assert job.id in listed(studio, BOSS, in_trash=True)
    assert job.id not in listed(studio, BOB, in_trash=True)
    assert studio.jobs.get(ANN, job.id).is_trashed
    assert studio.jobs.seen(ANN, [job.id]) == ()
    for ask in (studio.jobs.get, studio.jobs.listed, studio.jobs.detail):
        with pytest.raises(NotFound):
            ask(BOB, job.id)


def test_nothing_else_is_done_with_it(studio: Studio, job: Job) -> None:
    studio.job_trash.put(ANN, job.id)
    asks = (
        lambda: studio.jobs.retry(ANN, job.id, new_id()),
        lambda: studio.jobs.draft_of(ANN, job.id),
        lambda: studio.jobs.share(ANN, job.id, Visibility.PRIVATE),
        lambda: studio.jobs.cancel(ANN, job.id),
    )
    for ask in asks:
        with pytest.raises(Conflict, match="in the trash"):
            ask()
    assert studio.jobs.image(ANN, job.id, 0)  # who restores it may look first


def test_it_comes_back_as_it_was(studio: Studio, job: Job) -> None:
    studio.job_trash.put(ANN, job.id)
    studio.job_trash.restore(ANN, job.id)
    assert studio.jobs.get(BOB, job.id) == job
    assert job.id in listed(studio, BOB)
    studio.job_trash.restore(ANN, job.id)
    assert studio.jobs.get(ANN, job.id) == job


def test_an_open_job_is_cancelled_first(studio: Studio) -> None:
    queued = {"state": JobState.QUEUED, "sent_at": None, "started_at": None, "stored_at": utc_now()}
    job = keep_job(studio, ANN.name, **queued)
    for act in (studio.job_trash.put, studio.job_trash.delete):
        with pytest.raises(Conflict, match="Cancel it first"):
            act(ANN, job.id)
    studio.jobs.cancel(ANN, job.id)
    studio.job_trash.put(ANN, job.id)


@pytest.mark.parametrize(("days", "is_gone"), [(29.9, False), (30.1, True)])
def test_it_goes_after_30_days(studio: Studio, job: Job, days: float, is_gone: bool) -> None:
    other = keep_job(studio, ANN.name)
    studio.job_trash.put(ANN, job.id)
    sweeper(studio, days).sweep()
    assert (studio._workers.store.get(job.id) is None) is is_gone
    assert (studio.storage.list(job_prefix(job.id)) == ()) is is_gone
    assert studio.jobs.get(ANN, other.id) == other


def test_a_removal_that_was_cut_off_is_ended_by_the_next_sweep(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = keep_job(studio, ANN.name, shared_with=(BOB.name,))
    sharing = studio.jobs._authorized._sharing
    sharing.keep(job.id, ANN.name, (BOB.name,))

    def stops(*_: object) -> None:
        raise AwsError("the process was killed here")

    for place, name in (
        (type(studio.storage), "delete_prefix"),
        (type(sharing), "forget"),
        (type(studio._workers.store), "delete"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, stops)
            with pytest.raises(AwsError):
                studio.job_trash.delete(ANN, job.id)
        assert studio.jobs.get(ANN, job.id).is_being_deleted
        with pytest.raises(Conflict, match="being deleted"):
            studio.job_trash.restore(ANN, job.id)
    assert sweeper(studio).sweep() == 1
    assert studio._workers.store.get(job.id) is None
    assert studio.storage.list(job_prefix(job.id)) == ()
    assert sharing.ids(BOB.name, 10, None).ids == ()


def test_what_a_container_may_still_write_is_waited_for(studio: Studio) -> None:
    """Else its result would come into a folder that is nobody's."""
    job = keep_job(studio, ANN.name, state=JobState.CANCELLED)
    studio.job_trash.delete(ANN, job.id)
    assert studio.storage.list(job_prefix(job.id))
    assert sweeper(studio).sweep() == 0
    assert sweeper(studio, days=0.1).sweep() == 1
    assert studio.storage.list(job_prefix(job.id)) == ()


def test_a_removed_persons_trash_goes_too(studio: Studio) -> None:
    who = User(name="idp/gone", role=Role.ARTIST)
    studio.people.enter(SignIn(name=who.name))
    jobs = [keep_job(studio, who.name) for _ in range(2)]
    studio.job_trash.put(who, jobs[0].id)
    delete = partial(studio.job_trash.delete, SYSTEM)
    owned = OwnedJobs(studio._workers.store, partial(studio.jobs.cancel, SYSTEM), delete)
    assert owned.count(who.name) == 2
    owned.remove(who.name)
    assert owned.count(who.name) == 0


def test_shared_jobs_in_the_trash_are_in_no_list_of_who_was_shown_them(studio: Studio) -> None:
    job = keep_job(studio, ANN.name)
    studio.jobs.share(ANN, job.id, Visibility.PRIVATE, (BOB.name,))
    shared = JobFilter(scope=JobScope.SHARED)
    for act, is_shown in ((studio.job_trash.put, False), (studio.job_trash.restore, True)):
        act(ANN, job.id)
        ids = {each.id for each in studio.jobs.page(BOB, shared).jobs}
        assert (job.id in ids) is is_shown
