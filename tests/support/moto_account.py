"""An empty AWS account of moto's, which boto3 finds in the environment as a user's would be."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

import httpx
from moto.server import ThreadedMotoServer

REGION: Final = "eu-west-1"


@contextmanager
def moto_account() -> Iterator[str]:
    """The account's URL, while boto3 takes it for AWS."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # moto keeps its accounts in the process, where another test may have used them.
    httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
    account = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }
    try:
        with patch.dict(os.environ, account):
            yield url
    finally:
        server.stop()
