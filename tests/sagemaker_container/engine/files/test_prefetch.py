"""What the next jobs need is fetched early, in order, and never while a job fetches for itself."""

import threading
from collections.abc import Callable

import pytest

from formats.generation.request import GenerationRequest
from sagemaker_container.engine.files.prefetch import MAX_JOBS, Prefetcher
from sagemaker_container.errors import JobCancelled
from tests.support.helpers import wait_for

MAX_BYTES = 100


class SlowFetch:
    """Fetches until `finish` is set, calls `check` in the meantime, and lists what it did.

    A blocked one doesn't call it, as if S3 took long to answer.
    """

    is_blocked = False

    def __init__(self) -> None:
        self.finish, self.fetched, self.begun = threading.Event(), list[int](), list[int]()

    def __call__(self, request: GenerationRequest, check: Callable[[], None]) -> str:
        self.begun.append(request.seed)
        while not self.finish.wait(0.01):
            if not self.is_blocked:
                check()
        if request.prompt == "broken":
            raise OSError("no file in this test")
        self.fetched.append(request.seed)
        return request.prompt


def request(number: int, prompt: str = "a") -> GenerationRequest:
    job_id = f"01M82KW0B1ZSQ5JRV5KNRGBS{number:02}"
    return GenerationRequest(id=job_id, checkpoint="x.safetensors", prompt=prompt, seed=number)


@pytest.fixture
def fetch() -> SlowFetch:
    return SlowFetch()


@pytest.fixture
def prefetcher(fetch: SlowFetch) -> Prefetcher[str]:
    return Prefetcher(fetch, len, MAX_BYTES)


def never() -> None:
    """Nothing ends the waiting."""


def cancel() -> None:
    raise JobCancelled


def test_a_job_waits_for_its_own_inputs_and_takes_them_once(
    fetch: SlowFetch, prefetcher: Prefetcher[str]
) -> None:
    prefetcher.start([request(1)])
    prefetcher.start([request(1), request(2)])
    threading.Timer(0.2, fetch.finish.set).start()
    assert prefetcher.take(request(1), never) == "a"
    assert prefetcher.take(request(1), never) is None
    wait_for(lambda: fetch.fetched == [1, 2])
    assert prefetcher.take(request(2), never) == "a"
    assert fetch.begun == [1, 2]


def test_what_is_not_begun_is_left_to_the_job(
    fetch: SlowFetch, prefetcher: Prefetcher[str]
) -> None:
    prefetcher.start([request(1), request(2)])
    wait_for(lambda: fetch.begun == [1])
    assert prefetcher.take(request(2), never) is None
    fetch.finish.set()
    assert prefetcher.take(request(1), never) == "a"
    assert fetch.begun == [1]


def test_nothing_is_fetched_beside_a_job_and_what_was_stopped_begins_anew(
    fetch: SlowFetch, prefetcher: Prefetcher[str]
) -> None:
    prefetcher.start([request(2), request(3)])
    wait_for(lambda: fetch.begun == [2])
    with prefetcher.alone(never):
        fetch.finish.set()
        prefetcher.start([request(4)])
        assert fetch.fetched == []
    wait_for(lambda: fetch.fetched == [2, 3, 4])


def take_own(prefetcher: Prefetcher[str]) -> None:
    prefetcher.take(request(1), cancel)


def be_alone(prefetcher: Prefetcher[str]) -> None:
    with prefetcher.alone(cancel):
        raise AssertionError("must not be reached")


@pytest.mark.parametrize("wait", [take_own, be_alone])
def test_a_cancelled_job_stops_waiting(
    fetch: SlowFetch, prefetcher: Prefetcher[str], wait: Callable[[Prefetcher[str]], None]
) -> None:
    fetch.is_blocked = True
    prefetcher.start([request(1)])
    wait_for(lambda: fetch.begun == [1])
    with pytest.raises(JobCancelled):
        wait(prefetcher)
    prefetcher.start([request(2)])  # never blocks
    assert fetch.begun == [1]  # still one at a time
    fetch.finish.set()
    wait_for(lambda: fetch.fetched[-1:] == [2])


@pytest.mark.parametrize(
    ("prompts", "kept"),
    [
        (["a", "broken", "b"], [1, 3]),
        (["a" * 60, "b" * 60, "c" * 40], [2, 3]),
        (["a" * 101, "b"], [2]),
        (["a"] * (MAX_JOBS + 2), list(range(3, MAX_JOBS + 3))),
    ],
)
def test_the_oldest_are_let_go_of(
    fetch: SlowFetch, prefetcher: Prefetcher[str], prompts: list[str], kept: list[int]
) -> None:
    fetch.finish.set()
    jobs = [request(number, prompt) for number, prompt in enumerate(prompts, 1)]
    for job in jobs:
        prefetcher.start([job])
        wait_for(lambda: not prefetcher._is_running, every=0.001)
    assert [job.seed for job in jobs if prefetcher.take(job, never)] == kept
