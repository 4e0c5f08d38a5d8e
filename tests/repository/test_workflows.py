"""The workflows parse, may read alone, pin their actions, and audit each lock that is installed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.helpers import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def parsed(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return read


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in parsed(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_reads_alone_and_names_versions(path: Path) -> None:
    assert parsed(path)["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"actions/[a-z-]+@v\d+", name)] == []


def test_each_lock_is_audited_and_has_a_bill_of_materials() -> None:
    path = ROOT / ".github" / "workflows" / "dependencies.yml"
    (job,) = parsed(path)["jobs"].values()
    locks = {entry["lock"] for entry in job["strategy"]["matrix"]["include"]}
    assert locks == {
        "requirements.txt",
        "requirements-local.txt",
        "sagemaker_container/requirements.txt",
        "scripts/requirements-torch.txt",
    }
    assert [lock for lock in locks if not (ROOT / lock).is_file()] == []
    commands = " ".join(step.get("run", "") for step in steps(path))
    for program in ("pip-audit --require-hashes", "cyclonedx-py requirements"):
        assert program in commands
