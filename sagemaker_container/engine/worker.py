"""The worker process: imports the libraries, then runs the jobs that the front process sends."""

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection

from sagemaker_container import logs
from sagemaker_container.engine.monitor import WorkerChannel
from sagemaker_container.messages import (
    RunJobs,
    StopWorker,
    WorkerCommand,
    WorkerEvent,
    WorkerReady,
)
from sagemaker_container.settings import ContainerSettings

_log = logging.getLogger(__name__)


class InferenceThread:
    """Runs one piece of work at a time in one thread, and replaces a thread that is broken.

    `is_broken` is called in the thread after each piece of work.
    """

    def __init__(self, is_broken: Callable[[], bool]) -> None:
        self._is_broken = is_broken
        self._pool = self._new_pool()

    def run(self, work: Callable[[], None]) -> None:
        """Run the work and wait for it. Raises what the work raises."""

        def work_and_check() -> bool:
            work()
            return self._is_broken()

        if self._pool.submit(work_and_check).result():
            self._pool.shutdown()
            self._pool = self._new_pool()

    @staticmethod
    def _new_pool() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="inference")


def main(connection: "Connection[WorkerEvent, WorkerCommand]", settings: ContainerSettings) -> None:
    """Obey the front process until it sends StopWorker or is gone."""
    logs.configure(settings.log_level, "worker")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the front process decides when to end
    threading.Thread(target=_exit_with_parent, name="exit-with-parent", daemon=True).start()
    # The libraries take seconds to import, and the front process must not hold them.
    from sagemaker_container.engine import engine, memory  # noqa: PLC0415

    opened = engine.Engine.open(settings)
    gc.freeze()
    thread = InferenceThread(memory.has_failed_codegen)
    connection.send(WorkerReady(opened.device.name))
    connection.send(opened.device.memory_report())
    connection.send(opened.cached_models())
    _log.info("event=ready device=%r", opened.device.name)
    try:
        while not isinstance(command := connection.recv(), StopWorker):
            if isinstance(command, RunJobs):
                channel = WorkerChannel(connection, opened.fetcher.prefetch)
                thread.run(partial(opened.run_jobs, command.requests, channel))
                connection.send(opened.device.memory_report())
                connection.send(opened.cached_models())
    except (EOFError, BrokenPipeError):
        _log.info("event=front_gone")


def _exit_with_parent() -> None:
    """Exit with the front process, even in the middle of a step and even if it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
