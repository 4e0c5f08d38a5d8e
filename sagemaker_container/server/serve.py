"""Runs the server until SIGTERM, then drains it: the running job ends or is reported."""

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

import uvicorn
from pydantic import ValidationError

from formats.version import VERSION
from sagemaker_container import logs
from sagemaker_container.bucket import Bucket
from sagemaker_container.server.application import build
from sagemaker_container.server.dispatcher import Dispatcher
from sagemaker_container.server.supervisor import Supervisor
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)

_CLOSING_SECONDS: Final = 1
"""How long answers may take to go out when the jobs have ended."""

_LAST_SECONDS: Final = 1.5
"""After this the process ends whatever it waits for, such as an S3 that doesn't answer: less than
20 s after SIGTERM, with the longest drain."""

_WORKER_ENVIRONMENT: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "OMP_WAIT_POLICY": "passive",  # 3-5 x faster on a CPU with busy neighbours
    "PYTHONUNBUFFERED": "1",
}


def serve() -> int:
    """Read the settings and serve until told to stop. Returns the exit status."""
    try:
        settings = Settings.from_environment(os.environ)
    except ValidationError as error:
        print(f"The container's settings are wrong: {error}", file=sys.stderr)
        return 2
    logs.configure(settings.log_level, "front")
    _prepare(os.environ)
    _log.info("event=starting version=%s port=%d", VERSION, settings.port)
    asyncio.run(_serve(settings))
    return 0


def _prepare(environment: MutableMapping[str, str]) -> None:
    """Give the worker its environment; what somebody has set stays."""
    for name, value in _WORKER_ENVIRONMENT.items():
        environment.setdefault(name, value)


async def _serve(settings: Settings) -> None:
    supervisor = Supervisor(settings)
    bucket = Bucket.connect(settings)
    dispatcher = Dispatcher(bucket, supervisor, settings, lambda: datetime.now(UTC))
    config = uvicorn.Config(
        build(dispatcher, supervisor),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    server = DrainingServer(config, dispatcher, settings.drain_seconds)
    try:
        await server.serve()
    finally:
        await supervisor.stop()


class DrainingServer(uvicorn.Server):
    """Drains before it closes; uvicorn alone would cancel the running job near the SIGKILL."""

    def __init__(self, config: uvicorn.Config, dispatcher: Dispatcher, seconds: float) -> None:
        super().__init__(config)
        self._dispatcher = dispatcher
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._draining: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """On the first signal: `/ping` turns 503 and jobs are refused at once."""
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
            _end_within(_LAST_SECONDS)


def _end_within(seconds: float) -> None:
    """Python itself would wait for every thread that still talks to S3."""
    last = threading.Timer(seconds, os._exit, (0,))
    last.daemon = True
    last.start()
