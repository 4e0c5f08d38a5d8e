"""`make run` as it is typed: it prints the address, and Ctrl-C leaves nothing running."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from formats.version import VERSION
from tests.support.helpers import ROOT, wait_for

SET_UP = (".venv/.ready", ".venv-container/.ready")


def environment(**more: str) -> dict[str, str]:
    left_over = ("AWS_", "CONTRAPPOSTO_", "STREAMLIT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_over)}
    return {**kept, **more}


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_it_serves_whatever_the_machine_is_set_up_for_and_ctrl_c_ends_all(tmp_path: Path) -> None:
    """Behind a proxy that answers nobody, beside an AWS configuration that can't be read."""
    broken = tmp_path / "config"
    broken.write_text("[default\nbroken")
    elsewhere = {
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": str(broken),
        "AWS_REGION": "eu-west-3",
        "AWS_SHARED_CREDENTIALS_FILE": str(broken),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_SESSION_TOKEN": "z",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
    }
    proxy = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    log = tmp_path / "log"
    assumed = [word for target in SET_UP for word in ("--assume-old", target)]
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["make", *assumed, "run"],
            cwd=ROOT,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env=environment(CONTRAPPOSTO_DATA=str(tmp_path / "data"), CONTRAPPOSTO_DEMO="false")
            | proxy
            | elsewhere,
        )
    try:
        said = wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()))
        wait_for(lambda: is_up(said[0]))
        family = psutil.Process(process.pid).children(recursive=True)
        assert any("local_aws" in member.cmdline() for member in family)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    assert not psutil.wait_procs(family, timeout=60)[1]
    assert f"event=started version={VERSION} backend=embedded" in log.read_text()
    assert "Ctrl-C stops it" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert "Error" not in log.read_text()


def test_what_keeps_it_from_starting_is_said_in_one_line(tmp_path: Path) -> None:
    streamlit = Path(sys.executable).with_name("streamlit")
    command = [str(streamlit), "run", "app.py", "--server.port", "0"]
    said = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env=environment(CONTRAPPOSTO_BUCKET="No_Bucket", CONTRAPPOSTO_DATA=str(tmp_path)),
    )
    assert said.returncode == 1
    assert "error=CONTRAPPOSTO_BUCKET can't be used" in said.stderr
    assert "Traceback" not in said.stderr
