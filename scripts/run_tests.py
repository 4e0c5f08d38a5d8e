"""Runs the tests' suites, some side by side: `python -m scripts.run_tests [pytest option]`.

The dashboard's suite is shown while it runs, the others once all are through. The last lines say
how each ended; the exit status is 0 where all passed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
_LOOK_S: Final = 0.2
_AT_ONCE: Final = 4
"""They wait most of their time; more would make pages and clocks of two cores late."""
_COLOUR: Final = "--color=yes" if sys.stdout.isatty() else "--color=auto"
_CONTAINER: Final = ("tests/sagemaker_container", "tests/demo")
_WAITING: Final = {
    "Studio": ("tests/browser", "tests/container"),
    "Core": ("tests/core/jobs", "tests/core/models", "tests/local_aws"),
    "Calls": ("tests/core/aws", "tests/core/setup", "tests/core/endpoints"),
    "Pages": ("tests/pages",),
    "Tools": ("tests/cli", "tests/deploy"),
}
"""Tests that wait most of the time, for a browser, a container or an AWS that says nothing."""
_LATER: Final = ("Pages", "Tools", "Container")
"""The shortest, which fill what the others leave of the time."""
_APART: Final = (*_CONTAINER, *(folder for folders in _WAITING.values() for folder in folders))


@dataclass(frozen=True)
class Suite:
    """Tests of one environment."""

    name: str
    environment: str
    """Its folder."""
    arguments: Sequence[str]
    """pytest's."""
    variables: dict[str, str] = field(default_factory=dict)
    niceness: int = 0
    is_shown: bool = False
    """Whether its output is shown while it runs."""

    def run(self, options: Sequence[str]) -> "Outcome":
        """Run it to its end, with further options of pytest."""
        python = str(ROOT / self.environment / "bin" / "python")
        command = ["nice", "-n", str(self.niceness), python, "-u", "-m", "pytest"]
        # A file, not a pipe: a process that a test left behind would keep a pipe open.
        with TemporaryFile() as log:
            process = subprocess.Popen(
                [*command, _COLOUR, *self.arguments, *options],
                cwd=ROOT,
                env=os.environ | self.variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            return Outcome(self, *self._follow(process, log.fileno()))

    def _follow(self, process: "subprocess.Popen[bytes]", log: int) -> tuple[int, bytes]:
        """Exit status and output of the process, once it has ended."""
        output, is_over = b"", False
        while not is_over:
            time.sleep(_LOOK_S)
            is_over = process.poll() is not None
            size = os.fstat(log).st_size
            read = os.pread(log, size - len(output), len(output))
            output += read
            if self.is_shown:
                show(read)
        return process.wait(), output


@dataclass(frozen=True)
class Outcome:
    """How a suite ended."""

    suite: Suite
    status: int
    output: bytes

    def closing_line(self) -> str:
        """pytest's last line, with the name of the suite."""
        lines = self.output.decode(errors="replace").splitlines()
        return f"{self.suite.name}: {lines[-1] if lines else f'exit status {self.status}'}"


_ALL: Final = (
    *(
        Suite(name, ".venv", ("-o", f"cache_dir=.pytest_cache/{name.lower()}", *folders))
        for name, folders in _WAITING.items()
    ),
    Suite(
        "Dashboard",
        ".venv",
        ("tests", *(f"--ignore={folder}" for folder in _APART)),
        is_shown=True,
    ),
    Suite(
        "Container",
        ".venv-container",
        ("-o", "cache_dir=.pytest_cache/container", *_CONTAINER),
        variables={"HF_HUB_OFFLINE": "1"},
        niceness=5,  # gives way to pages that a browser waits for
    ),
)
SUITES: Final = tuple(sorted(_ALL, key=lambda suite: suite.name in _LATER))


def show(output: bytes) -> None:
    """Pass on what a suite wrote."""
    sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()


def main(options: Sequence[str], suites: Sequence[Suite] = SUITES) -> int:
    """Run the suites with these options of pytest; the exit status."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        outcomes = list(threads.map(lambda suite: suite.run(options), suites))
    for outcome in outcomes:
        if not outcome.suite.is_shown:
            show(outcome.output)
    for outcome in outcomes:
        show(f"{outcome.closing_line()}\n".encode())
    # Not every suite has tests of each mark; without a choice of marks an empty one is an error.
    passing = {0, pytest.ExitCode.NO_TESTS_COLLECTED} if "-m" in options else {0}
    return int(any(outcome.status not in passing for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
