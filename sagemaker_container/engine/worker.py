"""The worker process: imports the libraries, then runs the jobs that the front process sends."""

import gc
import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection

from sagemaker_container import logs
from sagemaker_container.engine.monitor import WorkerChannel
from sagemaker_container.messages import (
    StopWorker,
    WorkerCommand,
    WorkerEvent,
    WorkerFree,
    WorkerReady,
)
from sagemaker_container.processes import follow_parent
from sagemaker_container.settings import ContainerSettings

_log = logging.getLogger(__name__)


class InferenceThread:
    """Runs one piece of work at a time in one thread, and replaces a thread that is broken.

    `is_broken` is called in the thread after each piece of work.
    """

    def __init__(self, is_broken: Callable[[], bool]) -> None:
        self._is_broken = is_broken
        self._was_broken = False
        self._pool = self._new_pool()

    def submit(self, work: Callable[[], None], then: Callable[[], None]) -> "Future[None]":
        """Run the work after what was submitted before, and then `then`: what that asks for comes
        to a thread that is not broken. The future raises what they raise."""
        if self._was_broken:
            self._pool.shutdown(wait=False)
            self._pool = self._new_pool()

        def run() -> None:
            work()
            self._was_broken = self._is_broken()
            then()

        return self._pool.submit(run)

    @staticmethod
    def _new_pool() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="inference")


def main(connection: "Connection[WorkerEvent, WorkerCommand]", settings: ContainerSettings) -> None:
    """Obey the front process until it sends StopWorker or is gone."""
    logs.configure(settings.log_level, "worker")
    follow_parent()
    # The libraries take seconds to import, and the front process must not hold them.
    from sagemaker_container.engine import engine, memory  # noqa: PLC0415

    opened = engine.Engine.open(settings)
    gc.freeze()
    thread = InferenceThread(memory.has_failed_codegen)
    channel = WorkerChannel(connection, opened.fetcher.prefetch)

    def report() -> None:
        channel.send(opened.device.memory_report())
        channel.send(opened.cached_models())

    def be_free() -> None:
        channel.send(WorkerFree())
        report()

    channel.send(WorkerReady(opened.device.name))
    report()
    _log.info("event=ready device=%r", opened.device.name)
    try:
        while not isinstance(command := channel.receive(), StopWorker):
            work = partial(opened.run_jobs, command.requests, channel)
            thread.submit(work, be_free).add_done_callback(_exit_on_error)
    except (EOFError, BrokenPipeError):
        _log.info("event=front_gone")
    opened.close()


def _exit_on_error(run: "Future[None]") -> None:
    """Jobs answer for their own errors; after any other one the process is not to be trusted."""
    if isinstance(error := run.exception(), (EOFError, BrokenPipeError)):
        os._exit(0)  # the front process is gone
    if error is not None:
        _log.error("event=worker_failed", exc_info=error)
        os._exit(1)
