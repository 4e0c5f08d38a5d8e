"""What the worker says while it draws, and that it stops at the next step."""

import multiprocessing
from collections.abc import Iterator
from typing import Any

import pytest

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from sagemaker_container.engine.monitor import SILENCE_SECONDS, Line, Monitor
from sagemaker_container.errors import JobCancelled
from sagemaker_container.messages import Cancel, Prefetch, Preview, Working

A, B = "01M82KW0B1ZSQ5JRV5KNRGBS67", "01M82KW0B1ZSQ5JRV5KNRGBS68"


class Clock:
    """Counts seconds when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@pytest.fixture
def pipe() -> Iterator[tuple[Any, Any]]:
    front, worker = multiprocessing.Pipe()
    with front, worker:
        yield front, worker


def test_a_cancelled_job_stops_at_its_next_step_and_others_go_on(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    line = Line(worker, lambda _: None, CLOCK)
    first, second = Monitor(line, A, CLOCK), Monitor(line, B, CLOCK)
    first.step(1, 20, bytes)
    second.step(1, 20, bytes)
    front.send(Cancel(A))
    with pytest.raises(JobCancelled):
        first.step(2, 20, bytes)
    second.step(2, 20, bytes)
    told = [front.recv() for _ in range(3)]
    assert told == [Working(j, Stage.DRAWING, n, 20) for j, n in ((A, 1), (B, 1), (B, 2))]


def test_a_preview_is_made_once_a_second_and_a_long_silence_broken(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    clock = Clock()
    monitor = Monitor(Line(worker, lambda _: None, clock), A, clock)
    for number in range(4):
        monitor.step(number, 4, lambda: b"webp")
        clock.now += 0.5
    monitor.check()
    clock.now += SILENCE_SECONDS
    monitor.check()
    drawing = [Working(A, Stage.DRAWING, number, 4) for number in range(4)]
    told = [front.recv() for _ in range(6)]
    assert told == [*drawing[:3], Preview(A, b"webp"), drawing[3], drawing[3]]
    assert not front.poll()


def test_an_order_for_later_is_taken_while_a_job_runs(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    wanted: list[GenerationRequest] = []
    monitor = Monitor(Line(worker, wanted.append), A)
    upcoming = GenerationRequest(id=B, checkpoint="x.safetensors", prompt="a dog", seed=1)
    front.send(Prefetch(upcoming))
    monitor.check()
    assert wanted == [upcoming]


def test_a_front_process_that_is_gone_ends_the_work(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    monitor = Monitor(Line(worker, lambda _: None), A)
    front.close()
    with pytest.raises((BrokenPipeError, EOFError)):
        monitor.stage(Stage.LOADING)
