"""One worker process, and the two threads at its pipe: one receives its events, one sends."""

import asyncio
import atexit
import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Final

from sagemaker_container.messages import WorkerCommand, WorkerEvent
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.texts import jobs as texts

_log = logging.getLogger(__name__)

_EXIT_SECONDS: Final = 5.0
"""How long a process may take to exit after its pipe closed, and its last message to fail."""

WorkerMain = Callable[["Connection[WorkerEvent, WorkerCommand]", ContainerSettings], None]
"""The function that the process runs."""


class WorkerProcess:
    """A worker from start to exit. Used from one event loop, which it never blocks.

    In that loop, `on_event` is called with each event, and `on_exit` after the last one.
    """

    def __init__(
        self,
        main: WorkerMain,
        settings: ContainerSettings,
        on_event: Callable[["WorkerProcess", WorkerEvent], None],
        on_exit: Callable[["WorkerProcess"], None],
    ) -> None:
        self._on_event = on_event
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._commands: SimpleQueue[WorkerCommand | None] = SimpleQueue()
        self.is_ready = False
        self._hung_seconds: float | None = None
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=main, args=(theirs, settings), name="worker"
        )  # no daemon: those may have no processes of their own
        self._process.start()
        atexit.register(self._process.kill)  # runs before the exit would wait for it
        theirs.close()  # else its exit would not end our reading
        self._sender = threading.Thread(target=self._send_commands, name="send", daemon=True)
        self._sender.start()
        threading.Thread(target=self._receive_events, name="receive", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit status, a negative signal number, or None while it runs."""
        return self._process.exitcode

    def send(self, command: WorkerCommand) -> None:
        """Queue a command; it is lost if the worker is about to exit."""
        self._commands.put(command)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def kill_hung(self, seconds: float) -> None:
        """End the process because it sent nothing for so many seconds."""
        self._hung_seconds = seconds
        self._process.kill()

    async def wait(self, seconds: float) -> None:
        """Wait for the process to exit, at most so many seconds."""
        await asyncio.to_thread(self._process.join, seconds)

    def exit_reason(self) -> str:
        """Why the process exited, for the user whose job was lost."""
        if self._hung_seconds is not None:
            return texts.worker_hung(self._hung_seconds)
        code = self.exit_code
        if code == -signal.SIGKILL:
            return texts.WORKER_KILLED
        if code and code < 0:
            return texts.worker_ended_by_signal(-code)
        return texts.worker_exited(code)

    def _send_commands(self) -> None:
        """In a thread: a pipe whose reader is busy fills up, and then sending blocks."""
        while (command := self._commands.get()) is not None:
            try:
                self._connection.send(command)
            except OSError:  # the process has exited, as the other thread will report
                _log.info("event=send_failed command=%s", type(command).__name__)

    def _receive_events(self) -> None:
        """In a thread: pass on each event, and in the end the exit."""
        try:
            while True:
                event = self._connection.recv()
                self._loop.call_soon_threadsafe(self._on_event, self, event)
        except (EOFError, OSError):
            self._process.join(_EXIT_SECONDS)
            atexit.unregister(self._process.kill)
            self._commands.put(None)
            self._sender.join(_EXIT_SECONDS)  # nobody reads any more, so its sending fails
            self._connection.close()
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._on_exit, self)
