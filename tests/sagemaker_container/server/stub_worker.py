"""A worker without an engine, for the supervisor's tests; the prompt says what it does."""

import os
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from formats.generation.progress import Stage
from formats.generation.result import GenerationResult, Outcome
from sagemaker_container.messages import (
    CancelJob,
    JobFinished,
    ProgressUpdate,
    RunJobs,
    StopWorker,
    WorkerCommand,
    WorkerEvent,
    WorkerFree,
    WorkerReady,
)
from sagemaker_container.settings import ContainerSettings


def main(connection: "Connection[WorkerEvent, WorkerCommand]", settings: ContainerSettings) -> None:
    connection.send(WorkerReady("stub"))
    while not isinstance(command := connection.recv(), StopWorker):
        for request in command.requests if isinstance(command, RunJobs) else ():
            connection.send(ProgressUpdate(request.id, Stage.DRAWING, 1, 2))
            outcome = obey(request.prompt, connection)
            now = datetime.now(UTC)
            connection.send(
                JobFinished(
                    GenerationResult(id=request.id, outcome=outcome, started_at=now, ended_at=now)
                )
            )
        if isinstance(command, RunJobs):
            connection.send(WorkerFree())


def main_never_ready(
    connection: "Connection[WorkerEvent, WorkerCommand]", settings: ContainerSettings
) -> None:
    time.sleep(600)


def obey(prompt: str, connection: "Connection[WorkerEvent, WorkerCommand]") -> Outcome:
    if prompt == "die":
        os._exit(7)
    if prompt == "hang":
        time.sleep(600)
    if prompt == "take a while":
        time.sleep(2.5)
    if prompt == "wait for cancel" and isinstance(connection.recv(), CancelJob):
        told_again = connection.poll(0.5)
        return Outcome.SUCCEEDED if told_again else Outcome.CANCELLED
    return Outcome.SUCCEEDED
