"""The arrows between the layers, and that the dashboard stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARROWS = {
    "app.py": {"core", "formats", "local_aws", "ui"},
    "pages": {"core", "formats", "pages", "poses", "ui"},
    "ui": {"core", "formats", "poses", "ui"},
    "core": {"core", "formats", "poses"},
    "poses": {"formats", "poses"},
    "formats": {"formats"},
    "sagemaker_container": {"formats", "poses", "sagemaker_container"},
    "local_aws": {"formats", "local_aws"},
    "demo": {"demo", "formats", "poses"},
}
OURS = {name.removesuffix(".py") for name in ARROWS}


def files(layer: str) -> list[Path]:
    path = ROOT / layer
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("layer", ARROWS)
def test_a_layer_imports_only_what_it_may(layer: str) -> None:
    for path in files(layer):
        ours = {name.split(".")[0] for name in imports(path)} & OURS
        assert ours <= ARROWS[layer], path


def test_the_app_sees_only_the_launcher_of_the_embedded_aws() -> None:
    seen = {name for name in imports(ROOT / "app.py") if name.startswith("local_aws")}
    assert seen == {"local_aws.launcher"}


def test_import_linter_agrees() -> None:
    """It also follows imports of imports, and libraries."""
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_dashboard_loads_no_heavy_library() -> None:
    """The SageMaker SDK costs seconds and 180 MB, moto belongs to the other process."""
    code = "import sys, core.studio, ui.state; print('\\n'.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"sagemaker", "moto", "torch", "awscrt"} & set(result.stdout.split())
