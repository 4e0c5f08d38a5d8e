"""What the worker reports while jobs run, and that a cancelled job stops at its next step."""

import multiprocessing
from collections.abc import Iterator
from typing import Any

import pytest

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from sagemaker_container.engine.monitor import SILENCE_SECONDS, JobMonitor, WorkerChannel
from sagemaker_container.errors import JobCancelled
from sagemaker_container.messages import (
    CancelJob,
    PrefetchInputs,
    PreviewUpdate,
    ProgressUpdate,
    RunJobs,
    StopWorker,
)

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
    channel = WorkerChannel(worker, lambda _: None, CLOCK)
    first, second = JobMonitor(channel, A, CLOCK), JobMonitor(channel, B, CLOCK)
    first.report_step(1, 20, bytes)
    second.report_step(1, 20, bytes)
    for command in (CancelJob(A), StopWorker()):
        front.send(command)
    assert channel.receive() == StopWorker()
    with pytest.raises(JobCancelled):
        first.report_step(2, 20, bytes)
    CLOCK.now += 1
    second.report_step(2, 20, bytes)
    sent = [front.recv() for _ in range(3)]
    assert sent == [ProgressUpdate(j, Stage.DRAWING, n, 20) for j, n in ((A, 1), (B, 1), (B, 2))]


def test_bytes_of_a_download_are_told_where_they_are_new(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    monitor = JobMonitor(WorkerChannel(worker, lambda _: None, CLOCK), A, CLOCK)
    monitor.begin_stage(Stage.FETCHING)
    for done, total in ((0, 0), (0, 9), (0, 9), (5, 9), (9, 9), (9, 9)):
        monitor.report_download(done, total)
    monitor.begin_stage(Stage.LOADING)
    sent = [front.recv() for _ in range(5)]
    assert [(each.stage, each.bytes_done, each.bytes_total) for each in sent] == [
        (Stage.FETCHING, 0, 0),
        (Stage.FETCHING, 0, 9),
        (Stage.FETCHING, 5, 9),
        (Stage.FETCHING, 9, 9),
        (Stage.LOADING, 0, 0),
    ]
    assert not front.poll()


def test_a_preview_is_sent_once_a_second_and_a_long_stage_again(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    clock = Clock()
    monitor = JobMonitor(WorkerChannel(worker, lambda _: None, clock), A, clock)
    for number in range(4):
        monitor.report_step(number, 4, lambda: b"webp")
        monitor.report_step(number, 4, lambda: b"webp")  # within a tenth of a second: not sent
        clock.now += 0.5
    monitor.check()
    clock.now += SILENCE_SECONDS
    monitor.check()
    drawing = [ProgressUpdate(A, Stage.DRAWING, number, 4) for number in range(4)]
    told = [front.recv() for _ in range(6)]
    assert told == [*drawing[:3], PreviewUpdate(A, b"webp"), drawing[3], drawing[3]]
    assert not front.poll()


def test_previews_that_take_long_are_rare(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    clock = Clock()
    monitor = JobMonitor(WorkerChannel(worker, lambda _: None, clock), A, clock)

    def preview() -> bytes:
        clock.now += 0.25
        return b"webp"

    for number in range(16):
        clock.now += 1
        monitor.report_step(number, 16, preview)
    told = [front.recv() for _ in range(20)]
    assert sum(isinstance(each, PreviewUpdate) for each in told) == 4
    assert not front.poll()


def test_a_prefetch_is_passed_on_before_the_next_jobs(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    wanted: list[GenerationRequest] = []
    channel = WorkerChannel(worker, wanted.extend)
    upcoming = GenerationRequest(id=B, checkpoint="x.safetensors", prompt="a dog", seed=1)
    front.send(PrefetchInputs((upcoming, upcoming)))
    front.send(RunJobs((upcoming,)))
    assert channel.receive() == RunJobs((upcoming,))
    assert wanted == [upcoming, upcoming]


def test_a_front_process_that_is_gone_ends_the_work(pipe: tuple[Any, Any]) -> None:
    front, worker = pipe
    monitor = JobMonitor(WorkerChannel(worker, lambda _: None), A)
    front.close()
    with pytest.raises((BrokenPipeError, EOFError)):
        monitor.begin_stage(Stage.LOADING)
