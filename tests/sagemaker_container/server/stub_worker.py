"""A worker without an engine, for tests of what looks after it; the prompt says what it does."""

import os
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from formats.generation.progress import Stage
from formats.generation.result import GenerationResult, Outcome
from sagemaker_container.messages import Cancel, Draw, Finished, Order, Ready, Report, Stop, Working
from sagemaker_container.settings import Settings


def run(connection: "Connection[Report, Order]", settings: Settings) -> None:
    connection.send(Ready("stub"))
    while not isinstance(order := connection.recv(), Stop):
        for request in order.requests if isinstance(order, Draw) else ():
            connection.send(Working(request.id, Stage.DRAWING, 1, 2))
            outcome = obey(request.prompt, connection)
            now = datetime.now(UTC)
            connection.send(
                Finished(
                    GenerationResult(id=request.id, outcome=outcome, started_at=now, ended_at=now)
                )
            )


def run_never_ready(connection: "Connection[Report, Order]", settings: Settings) -> None:
    time.sleep(600)


def obey(prompt: str, connection: "Connection[Report, Order]") -> Outcome:
    if prompt == "die":
        os._exit(7)
    if prompt == "hang":
        time.sleep(600)
    if prompt == "take a while":
        time.sleep(2.5)
    if prompt == "wait for cancel" and isinstance(connection.recv(), Cancel):
        told_again = connection.poll(0.5)
        return Outcome.SUCCEEDED if told_again else Outcome.CANCELLED
    return Outcome.SUCCEEDED
