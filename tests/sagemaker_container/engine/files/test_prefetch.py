"""The next job's files come early, and never beside a job's own fetch."""

import threading
from collections.abc import Callable

import pytest

from formats.generation.request import GenerationRequest
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.model_file import ModelFile
from sagemaker_container.engine.files.prefetch import Prefetcher
from sagemaker_container.errors import JobCancelled
from tests.support.helpers import wait_for


class Slow:
    """Downloads until it is let go, and asks meanwhile whether to stop; notes what began and came.

    A deaf one never asks, as while S3 takes long to answer.
    """

    is_deaf = False

    def __init__(self) -> None:
        self.go, self.came, self.begun = threading.Event(), list[str](), list[str]()

    def fetch(self, _: ModelKind, name: str, __: object, check: Callable[[], None]) -> ModelFile:
        self.begun.append(name)
        while not self.go.wait(0.01):
            if not self.is_deaf:
                check()
        self.came.append(name)
        raise OSError("no file in this test")


def asked(number: int) -> GenerationRequest:
    job_id = f"01M82KW0B1ZSQ5JRV5KNRGBS6{number}"
    return GenerationRequest(id=job_id, checkpoint=f"{number}.safetensors", prompt="a", seed=1)


@pytest.fixture
def fetcher() -> Slow:
    return Slow()


def test_a_job_waits_for_its_own_files_on_the_way(fetcher: Slow) -> None:
    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(asked(1))
    prefetcher.start(asked(1))
    threading.Timer(0.2, fetcher.go.set).start()
    with prefetcher.paused(asked(1), lambda: None):
        assert fetcher.came == ["1.safetensors"]
    assert fetcher.begun == ["1.safetensors"]


def test_another_jobs_files_rest_while_a_job_fetches_and_then_go_on(fetcher: Slow) -> None:
    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(asked(2))
    wait_for(lambda: fetcher.begun == ["2.safetensors"])
    with prefetcher.paused(asked(1), lambda: None):
        fetcher.go.set()
        assert fetcher.came == []
    wait_for(lambda: fetcher.came == ["2.safetensors"])


def test_what_comes_in_a_pause_begins_after_it(fetcher: Slow) -> None:
    prefetcher = Prefetcher(fetcher.fetch)
    with prefetcher.paused(asked(1), lambda: None):
        prefetcher.start(asked(3))
        assert fetcher.begun == []
    fetcher.go.set()
    wait_for(lambda: fetcher.came == ["3.safetensors"])


def test_a_cancelled_job_waits_no_longer(fetcher: Slow) -> None:
    def check() -> None:
        raise JobCancelled

    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(asked(1))
    with pytest.raises(JobCancelled), prefetcher.paused(asked(1), check):
        pass
    fetcher.go.set()


def test_nobody_is_held_up_by_a_request_that_takes_long(fetcher: Slow) -> None:
    def check() -> None:
        raise JobCancelled

    fetcher.is_deaf = True
    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(asked(1))
    wait_for(lambda: fetcher.begun == ["1.safetensors"])
    prefetcher.start(asked(2))
    with pytest.raises(JobCancelled), prefetcher.paused(asked(3), check):
        pass
    assert fetcher.begun == ["1.safetensors"]  # still one at a time
    fetcher.go.set()
    wait_for(lambda: fetcher.came == ["1.safetensors", "2.safetensors"])


def test_what_comes_while_a_job_waits_for_its_own_files_is_not_forgotten(fetcher: Slow) -> None:
    def check() -> None:
        prefetcher.start(asked(2))
        fetcher.go.set()

    prefetcher = Prefetcher(fetcher.fetch)
    prefetcher.start(asked(1))
    with prefetcher.paused(asked(1), check):
        assert fetcher.came == ["1.safetensors"]
    wait_for(lambda: fetcher.came == ["1.safetensors", "2.safetensors"])
