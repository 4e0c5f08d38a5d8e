"""The worker process: imports the libraries, then draws one job after the other."""

import gc
import logging
import multiprocessing
import os
import signal
import threading
import warnings
from functools import partial
from multiprocessing.connection import Connection

from sagemaker_container import logs
from sagemaker_container.messages import Draw, Order, Ready, Report, Stop
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)


def run(connection: "Connection[Report, Order]", settings: Settings) -> None:
    """Serve the front process at the other end of `connection` until it says Stop or is gone."""
    logs.configure(settings.log_level, "worker")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the front process decides when to end
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    # The libraries take seconds to import, and only this process shall hold them.
    from sagemaker_container.engine.drawing_thread import DrawingThread  # noqa: PLC0415
    from sagemaker_container.engine.engine import Engine  # noqa: PLC0415
    from sagemaker_container.engine.monitor import Line  # noqa: PLC0415

    _quieten()
    engine = Engine.open(settings)
    gc.freeze()
    thread = DrawingThread()
    connection.send(Ready(engine.device.name))
    _log.info("event=ready device=%r", engine.device.name)
    try:
        while not isinstance(order := connection.recv(), Stop):
            if isinstance(order, Draw):
                line = Line(connection, engine.files.prefetch)
                thread.run(partial(engine.run_jobs, order.requests, line))
    except (EOFError, BrokenPipeError):
        _log.info("event=front_gone")


def _end_with_parent() -> None:
    """Also in the middle of a long step, and also when the front process was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _quieten() -> None:
    """The log is for events; warnings that say nothing new at every job are left out."""
    import diffusers  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    # Its time grid and the sampler's differ in the eighth digit; it goes on with its own.
    warnings.filterwarnings("ignore", module="torchsde")
