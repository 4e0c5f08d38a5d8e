"""Where `make test` takes a Chromium from when the system has none."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.helpers import ROOT

SCRIPT = ROOT / "scripts" / "find_chromium.sh"


def program(path: Path, does: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("has", "user", "apt", "takes"),
    [
        (("chromium",), 0, "exit 0", []),
        (("google-chrome",), 1000, "exit 0", []),
        ((), 0, "exit 0", ["apt-get update", "apt-get install"]),
        ((), 0, "exit 1", ["apt-get update", "playwright install"]),
        ((), 1000, "exit 0", ["playwright install"]),
        ((), 0, None, ["playwright install"]),
    ],
)
def test_from_the_system_else_apt_else_playwright(
    tmp_path: Path, has: tuple[str, ...], user: int, apt: str | None, takes: list[str]
) -> None:
    programs, log = tmp_path / "bin", tmp_path / "log"
    for name in has:
        program(programs / name, "exit 0")
    program(programs / "id", f"echo {user}")
    if apt:
        program(programs / "apt-get", f'echo "apt-get $1" >> {log}\n{apt}')
    program(tmp_path / ".venv" / "bin" / "playwright", f'echo "playwright $1" >> {log}')
    shell = shutil.which("sh")
    assert shell
    subprocess.run(
        [shell, str(SCRIPT)],
        cwd=tmp_path,
        env={"PATH": str(programs)},
        check=True,
        capture_output=True,
    )
    assert (log.read_text().splitlines() if log.exists() else []) == takes
