"""An ASGI app behind a real server, on a free port."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests.support.helpers import wait_for


@contextmanager
def served(app: ASGIApp) -> Iterator[httpx.Client]:
    """A client of the app, which ends with it."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as opened:
        yield opened
    server.should_exit = True
    thread.join()
