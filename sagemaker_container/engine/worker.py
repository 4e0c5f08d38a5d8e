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
from sagemaker_container.engine.monitor import Line
from sagemaker_container.messages import Draw, Order, Ready, Report, Stop
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)


class InferenceThread:
    """Runs one piece of work after the other in one thread, and replaces a thread that is broken.

    `is_broken` is asked in the thread after each piece of work.
    """

    def __init__(self, is_broken: Callable[[], bool]) -> None:
        self._is_broken = is_broken
        self._pool = self._new_pool()

    def run(self, work: Callable[[], None]) -> None:
        """Run it and wait. Raises what it raises."""

        def work_then_ask() -> bool:
            work()
            return self._is_broken()

        if self._pool.submit(work_then_ask).result():
            self._pool.shutdown()
            self._pool = self._new_pool()

    @staticmethod
    def _new_pool() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="inference")


def run(connection: "Connection[Report, Order]", settings: Settings) -> None:
    """Serve the front process at the other end of `connection` until it says Stop or is gone."""
    logs.configure(settings.log_level, "worker")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the front process decides when to end
    threading.Thread(target=_exit_with_parent, name="exit-with-parent", daemon=True).start()
    # The libraries take seconds to import, and the front process must not hold them.
    from sagemaker_container.engine import engine, memory  # noqa: PLC0415

    opened = engine.Engine.open(settings)
    gc.freeze()
    thread = InferenceThread(memory.has_failed_codegen)
    connection.send(Ready(opened.device.name))
    _log.info("event=ready device=%r", opened.device.name)
    try:
        while not isinstance(order := connection.recv(), Stop):
            if isinstance(order, Draw):
                line = Line(connection, opened.files.prefetch)
                thread.run(partial(opened.run_jobs, order.requests, line))
    except (EOFError, BrokenPipeError):
        _log.info("event=front_gone")


def _exit_with_parent() -> None:
    """Also in the middle of a long step, and also when the front process was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
