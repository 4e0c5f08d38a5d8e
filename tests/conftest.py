"""What every test may ask for, in the dashboard's environment and in the container's."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.helpers import ROOT


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny model files, good and broken."""
    folder = tmp_path_factory.mktemp("models")
    script = ROOT / "tests" / "support" / "tiny_models.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True, timeout=120)
    return folder
