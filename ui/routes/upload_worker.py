"""Serves the Web Worker that sends model files, with a content policy of its own.

It alone may compile WebAssembly (the hash) and connect to the bucket: a worker's policy is that of
its own script's answer (https://www.w3.org/TR/CSP3/#initialize-global-object-csp), so the pages'
policy needs neither.
"""

import hashlib
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.aws.storage import Storage
from core.errors import AwsError
from formats.keys import MODELS
from ui.components.script_files import script, version
from ui.state import on_aws, studio
from ui.texts import common as texts

_ENTRY: Final = "models/upload_drop/worker.js"
_ROUTE: Final = "/api/upload-worker"


def worker_url() -> str:
    """The address of the worker's script; it names the content and the policy, as browsers keep
    both."""
    return f"{_ROUTE}/{_name_of(_policy())}/{version()}/{_ENTRY}"


def _policy() -> str:
    bucket = _bucket_origin(studio().storage) if on_aws() else ""
    sources = {
        "default-src": ("'none'",),
        "script-src": ("'self'", "'wasm-unsafe-eval'"),
        "connect-src": ("'self'", *filter(None, (bucket,))),
    }
    return "; ".join(" ".join((name, *allowed)) for name, allowed in sources.items())


def _bucket_origin(storage: Storage) -> str:
    """Scheme and host of the addresses that are signed for browsers; empty while none can be."""
    try:
        return _signed_origin(storage)
    except AwsError:
        return ""


@cache
def _signed_origin(storage: Storage) -> str:
    address = urlsplit(storage.presign(MODELS, 60))
    return f"{address.scheme}://{address.netloc}"


def _name_of(policy: str) -> str:
    return hashlib.sha256(policy.encode()).hexdigest()[:16]


def _worker(request: Request) -> Response:
    policy, asked = _policy(), request.path_params
    if asked["policy"] != _name_of(policy):
        return PlainTextResponse(texts.NO_SUCH_SCRIPT, 404, {"Cache-Control": "no-store"})
    answer = script(asked["version"], asked["path"])
    answer.headers["Content-Security-Policy"] = policy
    return answer


# Not async on purpose: signing may look for credentials, which blocks.
routes: Final = (Route(f"{_ROUTE}/{{policy}}/{{version}}/{{path:path}}", _worker),)
