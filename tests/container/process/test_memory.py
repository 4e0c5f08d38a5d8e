"""A worker with limited memory refuses what doesn't fit, and continues."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.container.conftest import Container

MIB = 2**20


@contextmanager
def limited(pid: int, more: int) -> Iterator[None]:
    """The process may have so many bytes more than it has now."""
    size = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (size + more, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, (hard, hard))


@pytest.mark.slow
def test_an_image_that_does_not_fit_is_refused_and_the_worker_continues(
    container: Container,
) -> None:
    """What it does before it gives up (halves, tiles) is tested in tests/sagemaker_container."""
    container.generate()
    workers = container.workers()
    with limited(container.worker_pid(), 40 * MIB):
        answer = container.post(width=1024, height=1024, steps=1, batch_size=2)
    assert (answer.status_code, answer.json()["code"]) == (507, "out_of_memory")
    assert "smaller or fewer" in answer.json()["message"]
    container.generate()
    container.generate(width=72)  # a new shape: oneDNN makes new code for it
    assert container.workers() == workers
