"""The version stands in one place; the package and the changelog have the same."""

import re
import subprocess
import sys

from formats.version import VERSION
from tests.support.helpers import ROOT

BUILT = """
from setuptools.config.pyprojecttoml import apply_configuration
from setuptools.dist import Distribution
print(apply_configuration(Distribution(), "pyproject.toml").get_version())
"""


def test_the_package_has_it() -> None:
    said = subprocess.run(
        [sys.executable, "-c", BUILT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout == f"{VERSION}\n"


def test_the_changelog_begins_with_it() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)[0] == VERSION
