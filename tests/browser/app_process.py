"""Starts the dashboard as `streamlit run app.py` does, and leaves nothing running."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.support.helpers import ROOT, free_port, wait_for

_LEFT_OVER = ("AWS_", "CONTRAPPOSTO_", "STREAMLIT_")
_LOGS = ("*.log", "endpoints/*/logs/*.log")
_TAIL_LINES = 60


class App:
    """One running dashboard; `url` is where it serves."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, data: Path) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.data = data

    def descendants(self) -> list[Any]:
        """The embedded AWS, its containers and their workers."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def strokes(self, file: str) -> int:
        """How many strokes of a canvas it has been told of; `file` ends the draft's name."""
        drafts = (self.data / "drafts").glob(f"*/*.{file}")
        return sum(len(json.loads(path.read_text()).get("objects", [])) for path in drafts)

    def log_tails(self) -> list[tuple[str, str]]:
        """Name and last lines of each log: the dashboard's, the embedded AWS's, containers'."""
        found = [path for pattern in _LOGS for path in sorted(self.data.glob(pattern))]
        lines = {path: path.read_text("utf-8", "replace").splitlines() for path in found}
        return [
            (f"{path.relative_to(self.data)} of {self.url}", "\n".join(lines[path][-_TAIL_LINES:]))
            for path in found
        ]

    def kill(self) -> None:
        """kill -9 of the dashboard and its embedded AWS at the same moment."""
        family = self.descendants()
        launched = [p for p in family if "local_aws" in p.cmdline()]
        os.kill(self.process.pid, signal.SIGKILL)
        for process in launched:
            process.kill()
        self.process.wait()
        assert not psutil.wait_procs(family, timeout=60)[1]

    def stop(self) -> None:
        """Ctrl-C; everything it started ends with it."""
        if self.process.poll() is not None:
            return
        family = self.descendants()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        assert not psutil.wait_procs(family, timeout=60)[1]


opened: list[App] = []
"""The dashboards that run, and those that ended in the test under way."""


@contextmanager
def running(
    data: Path, *options: str, demo: bool = False, at: int = 0, **environment: str
) -> Iterator[App]:
    """The dashboard on a free port, or `at` one, with its own data folder, stopped at the end."""
    port = at or free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_LEFT_OVER)}
    own = {"CONTRAPPOSTO_DATA": str(data), "CONTRAPPOSTO_DEMO": str(demo)}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    data.mkdir(parents=True, exist_ok=True)
    with (data / "dashboard.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=inherited | own | environment,
        )
    app = App(process, port, data)
    opened.append(app)
    try:
        wait_for(lambda: _is_up(app))
        yield app
    finally:
        app.stop()


def _is_up(app: App) -> bool:
    assert app.process.poll() is None, (app.data / "dashboard.log").read_text()[-2000:]
    try:
        return httpx.get(f"{app.url}/_stcore/health", trust_env=False).is_success
    except httpx.TransportError:
        return False
