"""The command as it is typed, in a process of its own: its help, its version, its statuses."""

import subprocess
import sys

import pytest

from formats.version import VERSION
from tests.support.helpers import ROOT
from tests.support.imports import PROJECT

LOADED = "import sys; import {}; print('\\n'.join(sys.modules))"


def typed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "cli", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [("version",), ("--version",)])
def test_the_version(arguments: tuple[str, ...]) -> None:
    ended = typed(*arguments)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{VERSION}\n", "")


@pytest.mark.parametrize("arguments", [("paint",), ("upload",), ("doctor", "--fast")])
def test_a_wrong_call_is_told_on_stderr(arguments: tuple[str, ...]) -> None:
    ended = typed(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Usage: contrapposto" in ended.stderr


def test_the_installed_command_is_the_same() -> None:
    assert PROJECT["project"]["scripts"] == {"contrapposto": "cli.application:main"}


def test_the_command_loads_no_pages_and_no_sdk() -> None:
    """Streamlit and the SageMaker SDK take seconds each."""
    result = subprocess.run(
        [sys.executable, "-c", LOADED.format("cli.application")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"sagemaker", "streamlit", "moto", "pandas"} & set(result.stdout.split())
