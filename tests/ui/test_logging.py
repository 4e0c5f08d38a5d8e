"""A log at DEBUG tells much, and holds no credentials."""

import os
import subprocess
import sys

import pytest

from tests.support.helpers import ROOT

CALLS = """
import contextlib, logging
import app
from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.errors import AwsError
app.configure_logging({level!r})
logging.getLogger("contrapposto").debug("event=own_detail")
aws = Aws(Connection(region="eu-west-1"))
storage = Storage(aws, "bucket")
storage.presign("jobs/x/outputs/0.png", 60)
with contextlib.suppress(AwsError):
    storage.list("jobs/")
"""
ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "the-secret-key",
    "AWS_SESSION_TOKEN": "the-session-token",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_the_log_holds_no_credentials(level: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALLS.format(level=level)],
        cwd=ROOT,
        env={**os.environ, **ACCOUNT},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    log = done.stdout + done.stderr
    assert ("event=own_detail" in log) is (level == "DEBUG")
    for secret in ("the-session-token", "the-secret-key", "Authorization", "X-Amz-Signature"):
        assert secret.casefold() not in log.casefold()
