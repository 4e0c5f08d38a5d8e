"""One worker process and the two threads at its pipe: one hears it, one speaks to it."""

import asyncio
import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Final

from sagemaker_container.messages import Order, Report
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)

_END_SECONDS: Final = 5.0
"""How long a process may take to end after its pipe has, and its last message to fail."""

Run = Callable[["Connection[Report, Order]", Settings], None]
"""What the process runs."""


class WorkerProcess:
    """A worker from its start to its death. Used from one event loop, and never blocks it.

    In that loop `heard` is called with each report, and `died` after the last one.
    """

    def __init__(
        self,
        run: Run,
        settings: Settings,
        heard: Callable[["WorkerProcess", Report], None],
        died: Callable[["WorkerProcess"], None],
    ) -> None:
        self._heard = heard
        self._died = died
        self._loop = asyncio.get_running_loop()
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self.is_ready = False
        self._silence: float | None = None
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=run, args=(theirs, settings), name="worker", daemon=True
        )
        self._process.start()
        theirs.close()  # else its death would not end our reading
        self._speaker = threading.Thread(target=self._speak, name="speak", daemon=True)
        self._speaker.start()
        threading.Thread(target=self._listen, name="listen", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The process's number."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """How it ended: its exit status, or a signal's number below 0."""
        return self._process.exitcode

    def send(self, order: Order) -> None:
        """Tell the worker, after what was sent before; lost where it is about to end."""
        self._orders.put(order)

    def kill(self) -> None:
        """End it in the middle of what it does."""
        self._process.kill()

    def kill_silent(self, seconds: float) -> None:
        """End it because nothing was heard of it for so long."""
        self._silence = seconds
        self._process.kill()

    async def ended(self, seconds: float) -> None:
        """Wait for its end, no longer than this."""
        await asyncio.to_thread(self._process.join, seconds)

    def obituary(self) -> str:
        """Why the picture was lost, for who asked for it."""
        if self._silence is not None:
            seconds = f"{self._silence:g} s"
            return (
                f"The worker process gave no sign of life for {seconds} while it made the picture, "
                "and was replaced. Run the job again."
            )
        status = self.status
        how = f"was ended by signal {-status}" if status and status < 0 else f"ended ({status})"
        if status == -signal.SIGKILL:
            how += ", as the system does when memory runs out,"
        return (
            f"The worker process {how} while it made the picture. "
            "Run the job again, or a smaller one."
        )

    def _speak(self) -> None:
        """Sends from a thread: the pipe to a worker that doesn't read fills up, and then blocks."""
        while (order := self._orders.get()) is not None:
            try:
                self._connection.send(order)
            except OSError:  # its death is on its way
                _log.info("event=send_failed order=%s", type(order).__name__)

    def _listen(self) -> None:
        """Passes on what the worker says, and at last its death."""
        try:
            while True:
                report = self._connection.recv()
                self._loop.call_soon_threadsafe(self._heard, self, report)
        except (EOFError, OSError):
            self._process.join(_END_SECONDS)
            self._orders.put(None)
            self._speaker.join(_END_SECONDS)  # nobody can read any more, so its sending fails
            self._connection.close()
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._died, self)
