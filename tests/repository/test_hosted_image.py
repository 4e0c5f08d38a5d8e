"""The hosted image has no embedded AWS and nothing that only it needs, and starts without."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.helpers import ROOT, free_port, wait_for
from tests.support.imports import PROJECT

LOCAL_ONLY = ("local_aws", "moto", "flask", "flask_cors", "py_partiql_parser", "anycrc")

HIDE_AND_RUN = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        hidden = name.partition(".")[0] in {hidden!r}
        return None if hidden else self.finder.find_spec(name, path, target)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from streamlit.web.cli import main
sys.argv = ["streamlit", "run", "app.py", "--server.port", "{port}", "--server.headless", "true"]
main()
"""

ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "the-secret-key",
    "AWS_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def start(log: Path, port: int, backend: str, hidden: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """The dashboard, in whose process these modules are not installed."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CONTRAPPOSTO_"))}
    own = {"CONTRAPPOSTO_BACKEND": backend, "CONTRAPPOSTO_DATA": str(log.parent / "data")}
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-c", HIDE_AND_RUN.format(hidden=hidden, port=port)],
            cwd=ROOT,
            stdout=file,
            stderr=file,
            env=kept | ACCOUNT | own,
        )


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def locked(name: str) -> set[str]:
    """The names of the packages that a lock pins."""
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text("utf-8"), re.MULTILINE))


def test_it_starts_on_aws(tmp_path: Path) -> None:
    log, port = tmp_path / "log", free_port()
    process = start(log, port, "aws", LOCAL_ONLY)
    try:
        wait_for(
            lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/_stcore/health")
        )
        assert process.poll() is None, log.read_text()
    finally:
        process.terminate()
        process.wait(60)
    assert "backend=aws" in log.read_text()


@pytest.mark.parametrize("hidden", [LOCAL_ONLY, ("moto",), ("flask",), ("local_aws",)])
def test_the_embedded_backend_is_refused_with_what_to_do(
    tmp_path: Path, hidden: tuple[str, ...]
) -> None:
    log = tmp_path / "log"
    assert start(log, free_port(), "embedded", hidden).wait(120) == 1
    assert "Set CONTRAPPOSTO_BACKEND=aws" in log.read_text()
    assert "Traceback" not in log.read_text()


def test_its_lock_has_nothing_of_the_embedded_aws() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["local"]
    local = {requirement.partition("==")[0] for requirement in extra}
    assert not local & locked("requirements.txt")
    assert local <= locked("requirements-local.txt") <= locked("requirements-dev.txt")
    assert locked("requirements.txt") <= locked("requirements-local.txt")
    assert "cryptography" in locked("requirements.txt")
