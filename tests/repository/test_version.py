"""The version stands in one place: the package that setuptools builds has it too."""

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
