"""What the tests of the command share: settings in the environment, and a run of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cli.application import run
from tests.support.helpers import CONTAINER
from tests.support.moto_account import moto_account


class Ended(NamedTuple):
    """How a run ended."""

    status: int
    out: str
    err: str


class Command:
    """The command, run in this process as it is typed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ended:
        status = run(arguments)
        said = self._capsys.readouterr()
        return Ended(status, said.out, said.err)


@pytest.fixture
def contrapposto(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An empty account, and the settings of somebody who uses it."""
    with moto_account() as url:
        monkeypatch.setenv("CONTRAPPOSTO_BACKEND", "aws")
        monkeypatch.setenv("CONTRAPPOSTO_BUCKET", "team-bucket")
        monkeypatch.setenv("CONTRAPPOSTO_DATA", str(tmp_path / "data"))
        yield url


@pytest.fixture
def laptop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings of somebody without an account; the folder of the embedded AWS."""
    folder = tmp_path / "laptop"
    monkeypatch.setenv("CONTRAPPOSTO_BACKEND", "embedded")
    monkeypatch.setenv("CONTRAPPOSTO_DATA", str(folder))
    monkeypatch.setenv("CONTRAPPOSTO_CONTAINER_PYTHON", CONTAINER[0])
    return folder
