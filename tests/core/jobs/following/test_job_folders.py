"""Open jobs are looked at many at a time, whatever lies between them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from ulid import ULID

from core.aws.client import Aws
from core.aws.storage import Storage
from core.jobs.following import job_folders
from core.jobs.following.job_folders import JobFolders
from formats.keys import output_key, request_key
from tests.support.faulty_aws import faulty_aws

_BEGIN = datetime(2026, 11, 29, tzinfo=UTC)
_CLOSED, _FILES = 30, 40
"""Closed jobs between two open ones, and the objects of each: more than a page."""


def _id(minute: float) -> str:
    return str(ULID.from_datetime(_BEGIN + timedelta(minutes=minute)))


@pytest.fixture(scope="module")
def listed() -> Iterator[tuple[Storage, list[str], list[str]]]:
    """A bucket with three open jobs and a page of closed ones behind each; the calls made."""
    with faulty_aws() as account:
        aws = Aws(account.connection)
        aws.s3.create_bucket(
            Bucket="folders", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        storage = Storage(aws, "folders")
        open_jobs = [_id(n * 100) for n in range(3)]
        keys = [request_key(job) for job in open_jobs]
        for n in range(3):
            closed = [_id(n * 100 + 1 + each) for each in range(_CLOSED)]
            keys += [output_key(job, index) for job in closed for index in range(_FILES)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda key: storage.write(key, b"x", "text/plain"), keys))
        asked: list[str] = []
        aws.s3.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
        yield storage, open_jobs, asked


def test_a_page_sees_one_open_job_at_least(listed: tuple[Storage, list[str], list[str]]) -> None:
    storage, open_jobs, asked = listed
    asked.clear()
    seen = JobFolders().look(storage, open_jobs)
    assert {job: list(etags) for job, etags in seen.items()} == {
        job: [request_key(job)] for job in open_jobs
    }
    assert asked == ["ListObjectsV2"] * 3


def test_what_there_was_no_time_for_comes_next(
    listed: tuple[Storage, list[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, open_jobs, _ = listed
    monkeypatch.setattr(job_folders, "_MOST_PAGES", 2)
    folders = JobFolders()
    looks = [set(folders.look(storage, open_jobs)) for _ in range(3)]
    first, second, third = open_jobs
    assert looks == [{first, second}, {third, first}, {second, third}]


def test_neighbours_share_a_page(listed: tuple[Storage, list[str], list[str]]) -> None:
    storage, open_jobs, asked = listed
    closed = {_id(1 + each) for each in range(20)}
    queued = [_id(50 + each / 100) for each in range(1000)]  # sent, but nothing stored yet
    asked.clear()
    seen = JobFolders().look(storage, [open_jobs[0], *closed, *queued])
    assert seen.keys() == {open_jobs[0], *closed, *queued}
    assert len(asked) <= 3
