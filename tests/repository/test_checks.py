"""What is checked before a commit is what `make check` checks."""

import re
import subprocess

from tests.support.helpers import ROOT


def recipe(*targets: str) -> list[str]:
    """The commands of make targets."""
    options = ("--dry-run", "--no-print-directory", "--assume-old", ".venv/.ready-tests")
    said = subprocess.run(
        ["make", *options, *targets], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return said.stdout.splitlines()


def test_the_hooks_are_the_checks() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    hooks = re.findall(r"entry: make (\S+)", config)
    assert recipe("check") == recipe(*hooks)
    assert len(recipe("check")) == len(hooks) > 0
