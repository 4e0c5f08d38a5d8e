"""What the contracts in pyproject.toml can't say of the layers: `make check` keeps the others."""

import subprocess
import sys

from tests.support.helpers import ROOT
from tests.support.imports import PACKAGES, PROJECT, own_imports


def test_no_package_is_without_contract() -> None:
    shipped = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {pattern.removesuffix("*") for pattern in shipped} == PACKAGES


def test_the_app_wires_the_layers_and_sees_only_the_launcher_of_the_embedded_aws() -> None:
    """It is a module, which import-linter knows only inside of packages."""
    seen = own_imports(ROOT / "app.py")
    assert {name.partition(".")[0] for name in seen} == {"core", "formats", "local_aws", "ui"}
    assert {name for name in seen if name.startswith("local_aws")} == {"local_aws.launcher"}


def test_the_dashboard_loads_no_heavy_library() -> None:
    """The SageMaker SDK costs seconds and 180 MB, moto belongs to the other process."""
    code = "import sys, core.studio.service, ui.state; print('\\n'.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"sagemaker", "moto", "torch", "awscrt"} & set(result.stdout.split())
