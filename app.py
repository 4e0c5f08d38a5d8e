"""Starts and stops what the pages need: the embedded AWS, the studio, the /api routes."""

import gc
import importlib.util
import ipaddress
import logging
import os
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import NoReturn

import streamlit as st
from anyio import to_thread
from pydantic import SecretStr
from starlette.middleware import Middleware

from core.aws.client import Connection
from core.errors import ConfigurationError, ContrappostoError
from core.settings import Settings, load_settings
from core.studio import demo
from core.studio.service import open_studio
from core.texts import setup as texts
from formats.version import VERSION
from ui import routes
from ui.auth.configuration import decide_login, forget_login
from ui.auth.hosting import forget_own_address, own_origins, serve_own_address
from ui.components import prompt_tables, script_files
from ui.errors import show_unhandled
from ui.routes import (
    api_v1,
    archives,
    public_links,
    sign_out,
    upload_worker,
    uploads,
)
from ui.routes.cookies import SecureCookies
from ui.routes.headers import SecurityHeaders
from ui.routes.limits import RequestLimits
from ui.routes.media import MediaFiles
from ui.routes.page_shell import PageShell
from ui.routes.return_address import ReturnAddress
from ui.routes.rotated_cookies import RotatedCookies
from ui.state import set_studio

log = logging.getLogger("contrapposto")

_LOG_FORMAT = "%(asctime)s level=%(levelname)s logger=%(name)s %(message)s"

_LOG_CREDENTIALS_AT_DEBUG = (
    "authlib",
    "boto3",
    "botocore",
    "httpcore",
    "httpx",
    "s3transfer",
    "urllib3",
)
"""Their debug lines hold Authorization headers, session tokens and signed URLs."""


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Open everything before the first page and close it after the last."""
    with ExitStack() as stack:
        await to_thread.run_sync(_start, stack)
        yield
        await to_thread.run_sync(stack.close)


def _start(stack: ExitStack) -> None:
    """Start up, or end the process with one line that says what to do."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        decide_login(settings)
        stack.callback(forget_login)
        serve_own_address(settings)
        stack.callback(forget_own_address)
        refuse_strangers(settings, st.get_option("server.address"))
        # pandas takes most of a second: it is read while the embedded AWS starts.
        reader = threading.Thread(target=importlib.import_module, args=("pandas",))
        reader.start()
        opened = stack.enter_context(open_studio(settings, _connection(settings, stack)))
        opened.setup.origins = own_origins(settings)
        reader.join()
        if settings.embedded and settings.demo and demo.FOLDER.is_dir():
            demo.install_once(opened, demo.FOLDER)
    except (ContrappostoError, RuntimeError, OSError) as error:
        log.error("event=start_failed error=%s", error)
        _end(stack)
    set_studio(opened)
    stack.callback(set_studio, None)
    gc.collect()
    gc.freeze()
    log.info("event=started version=%s backend=%s", VERSION, settings.backend)


def configure_logging(level: str) -> None:
    """Log from this level on; of what sends credentials, never the details."""
    logging.basicConfig(level=level, format=_LOG_FORMAT, force=True)
    for name in _LOG_CREDENTIALS_AT_DEBUG:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level]))


def _end(stack: ExitStack) -> NoReturn:
    """End this process: an exception would bury the one line under the server's traceback."""
    stack.close()
    logging.shutdown()
    os._exit(1)


def _connection(settings: Settings, stack: ExitStack) -> Connection:
    """How to reach AWS: the embedded one is started for it."""
    if not settings.embedded:
        return Connection(region=settings.region or None)
    _refuse_without_embedded_aws()
    from local_aws.launcher import launch  # noqa: PLC0415 - the hosted image has none

    command = (str(settings.container_python), "-m", "sagemaker_container", "serve")
    aws = stack.enter_context(launch(settings.data, container_command=command))
    return Connection(
        url=aws.url,
        access_key=aws.access_key,
        secret_key=SecretStr(aws.secret_key),
        region=aws.region,
    )


def _refuse_without_embedded_aws() -> None:
    """Raise ConfigurationError where the embedded AWS is not installed, as in the hosted image."""
    if not all(importlib.util.find_spec(name) for name in ("local_aws", "moto", "flask")):
        raise ConfigurationError(texts.NO_EMBEDDED_AWS)


def refuse_strangers(settings: Settings, address: str | None) -> None:
    """Raise ConfigurationError where other machines could use the studio without a login.

    No address is every address of this machine.
    """
    if settings.has_identity or settings.allow_no_login or _is_loopback(address or ""):
        return
    raise ConfigurationError(
        f"Not started: {address or 'every address'} can be reached from other machines and no "
        "login is configured. Bind to 127.0.0.1, configure a login, or set "
        "CONTRAPPOSTO_ALLOW_NO_LOGIN=true."
    )


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


app = st.App(
    "ui/main.py",
    lifespan=lifespan,
    middleware=(
        Middleware(SecurityHeaders),
        Middleware(SecureCookies),
        Middleware(RequestLimits),
        Middleware(RotatedCookies),
        Middleware(MediaFiles),
        Middleware(ReturnAddress),
        Middleware(PageShell),
    ),
    routes=(
        *routes.routes,
        *sign_out.routes,
        *api_v1.routes,
        *public_links.routes,
        *script_files.routes,
        *prompt_tables.routes,
        *upload_worker.routes,
        *uploads.routes,
        *archives.routes,
    ),
    on_script_error=show_unhandled,
)
