"""Runs the HTTP server until SIGTERM; then running jobs end, or are reported as failed."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import MutableMapping
from datetime import UTC, datetime
from types import FrameType
from typing import Final
from uuid import uuid4

import uvicorn
from pydantic import ValidationError

from formats.version import VERSION
from sagemaker_container import logs
from sagemaker_container.server.application import build_app
from sagemaker_container.server.dispatcher import JobDispatcher
from sagemaker_container.server.supervisor import Supervisor
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.storage.bucket import ContainerBucket
from sagemaker_container.texts import server as texts

_log = logging.getLogger(__name__)

_SHUTDOWN_SECONDS: Final = 1
"""How long responses may take to be sent when all jobs have ended."""

_EXIT_SECONDS: Final = 1.5
"""How long the process may live after that, for instance while S3 doesn't answer. With the longest
drain it exits less than 20 s after SIGTERM."""

_WORKER_ENVIRONMENT: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "OMP_WAIT_POLICY": "passive",  # 3-5 x faster on a CPU that other processes use too
    "PYTHONUNBUFFERED": "1",
}


def serve() -> int:
    """Read the settings and serve until told to stop. Returns the exit status."""
    try:
        settings = ContainerSettings.from_environment(os.environ)
    except ValidationError as error:
        print(texts.wrong_settings(str(error)), file=sys.stderr)
        return 2
    logs.configure(settings.log_level, "front")
    _set_worker_environment(os.environ)
    _log.info("event=starting version=%s port=%d", VERSION, settings.port)
    asyncio.run(_serve(settings))
    return 0


def _set_worker_environment(environment: MutableMapping[str, str]) -> None:
    """Set what the worker inherits; a variable that is set already stays as it is."""
    for name, value in _WORKER_ENVIRONMENT.items():
        environment.setdefault(name, value)


async def _serve(settings: ContainerSettings) -> None:
    supervisor = Supervisor(settings)
    bucket = ContainerBucket.connect(settings)
    dispatcher = JobDispatcher(bucket, supervisor, settings, uuid4().hex, lambda: datetime.now(UTC))
    config = uvicorn.Config(
        build_app(dispatcher, supervisor),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    server = DrainingServer(config, dispatcher, settings.drain_seconds)
    try:
        await server.serve()
    finally:
        await asyncio.gather(supervisor.stop(), dispatcher.close())


class DrainingServer(uvicorn.Server):
    """Drains before it closes; uvicorn alone would cancel running jobs shortly before SIGKILL."""

    def __init__(self, config: uvicorn.Config, dispatcher: JobDispatcher, seconds: float) -> None:
        super().__init__(config)
        self._dispatcher = dispatcher
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._draining: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """On the first signal, `/ping` answers 503 and jobs are refused from then on."""
        _log.info("event=draining signal=%s", signal.Signals(sig).name)
        self._loop.call_soon_threadsafe(self._start_draining)

    def _start_draining(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            await self._dispatcher.drain(self._seconds)
        finally:
            self.should_exit = True
            _exit_after(_EXIT_SECONDS)


def _exit_after(seconds: float) -> None:
    """Exit even if threads still wait for S3, for which Python itself would wait."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
