"""The next job's files are fetched early, and never while a job fetches its own."""

import threading
from collections.abc import Callable

import pytest

from formats.generation.request import GenerationRequest
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.prefetch import Prefetcher
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.errors import JobCancelled
from tests.support.helpers import wait_for


class SlowFetcher:
    """Fetches until `finish` is set, calls `check` in the meantime, and lists what it did.

    A blocked one doesn't call it, as if S3 took long to answer.
    """

    is_blocked = False

    def __init__(self) -> None:
        self.finish, self.fetched, self.begun = threading.Event(), list[str](), list[str]()

    def fetch(self, _: ModelKind, name: str, __: object, check: Callable[[], None]) -> WeightsFile:
        self.begun.append(name)
        while not self.finish.wait(0.01):
            if not self.is_blocked:
                check()
        self.fetched.append(name)
        raise OSError("no file in this test")


def request(number: int) -> GenerationRequest:
    job_id = f"01M82KW0B1ZSQ5JRV5KNRGBS6{number}"
    return GenerationRequest(id=job_id, checkpoint=f"{number}.safetensors", prompt="a", seed=1)


@pytest.fixture
def fetcher() -> SlowFetcher:
    return SlowFetcher()


def test_a_job_waits_for_its_own_files(fetcher: SlowFetcher) -> None:
    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(request(1))
    prefetcher.start(request(1))
    threading.Timer(0.2, fetcher.finish.set).start()
    with prefetcher.paused(request(1), lambda: None):
        assert fetcher.fetched == ["1.safetensors"]
    assert fetcher.begun == ["1.safetensors"]


def test_another_jobs_files_are_fetched_after_a_jobs_own(fetcher: SlowFetcher) -> None:
    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(request(2))
    wait_for(lambda: fetcher.begun == ["2.safetensors"])
    with prefetcher.paused(request(1), lambda: None):
        fetcher.finish.set()
        assert fetcher.fetched == []
    wait_for(lambda: fetcher.fetched == ["2.safetensors"])


def test_a_fetch_that_is_started_in_a_pause_begins_after_it(fetcher: SlowFetcher) -> None:
    prefetcher = Prefetcher(fetcher.fetch)
    with prefetcher.paused(request(1), lambda: None):
        prefetcher.start(request(3))
        assert fetcher.begun == []
    fetcher.finish.set()
    wait_for(lambda: fetcher.fetched == ["3.safetensors"])


def test_a_cancelled_job_stops_waiting(fetcher: SlowFetcher) -> None:
    def check() -> None:
        raise JobCancelled

    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(request(1))
    with pytest.raises(JobCancelled), prefetcher.paused(request(1), check):
        pass
    fetcher.finish.set()


def test_starting_a_fetch_never_blocks(fetcher: SlowFetcher) -> None:
    def check() -> None:
        raise JobCancelled

    fetcher.is_blocked = True
    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(request(1))
    wait_for(lambda: fetcher.begun == ["1.safetensors"])
    prefetcher.start(request(2))
    with pytest.raises(JobCancelled), prefetcher.paused(request(3), check):
        pass
    assert fetcher.begun == ["1.safetensors"]  # still one at a time
    fetcher.finish.set()
    wait_for(lambda: fetcher.fetched == ["1.safetensors", "2.safetensors"])


def test_a_fetch_that_is_started_while_a_job_waits_is_not_lost(fetcher: SlowFetcher) -> None:
    def check() -> None:
        prefetcher.start(request(2))
        fetcher.finish.set()

    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(request(1))
    with prefetcher.paused(request(1), check):
        assert fetcher.fetched == ["1.safetensors"]
    wait_for(lambda: fetcher.fetched == ["1.safetensors", "2.safetensors"])
