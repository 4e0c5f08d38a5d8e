"""Serves routes of the app over HTTP, as uvicorn does for Streamlit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from tests.support.helpers import wait_for


@contextmanager
def served(routes: Sequence[Route]) -> Iterator[httpx.Client]:
    """A client of a server that has these routes."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=list(routes)), port=0, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as opened:
        yield opened
    server.should_exit = True
    thread.join()
