"""A job's run counts its steps over all passes."""

import multiprocessing
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from sagemaker_container.engine import monitor
from sagemaker_container.engine.job.run import JobRun
from sagemaker_container.engine.monitor import WorkerChannel
from sagemaker_container.messages import ProgressUpdate
from sagemaker_container.storage.output_store import OutputStore
from tests.sagemaker_container.conftest import CPU

ID = "01M82KW0B1ZSQ5JRV5KNRGBS67"
REQUEST = GenerationRequest(id=ID, checkpoint="x.safetensors", prompt="a dog", seed=1)


def test_steps_are_counted_over_passes_and_a_restarted_pass_counts_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitor, "REPORT_SECONDS", 0.0)
    front, worker = multiprocessing.Pipe()
    channel = WorkerChannel(cast(Any, worker), lambda _: None)
    nothing_is_stored = cast(OutputStore, None)
    run = JobRun(REQUEST, channel, nothing_is_stored, CPU, lambda: datetime.now(UTC))
    with front, worker:
        for begin in (run.begin_pass, run.begin_pass, run.restart_pass):
            begin()
            for steps in (1, 2):
                run.report_steps(steps, 4, bytes)
        sent = [front.recv() for _ in range(6)]
    assert sent == [ProgressUpdate(ID, Stage.DRAWING, step, 4) for step in (1, 2, 3, 4, 3, 4)]
