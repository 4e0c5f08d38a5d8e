"""What modules import, read from their source."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.support.helpers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = frozenset(PROJECT["tool"]["importlinter"]["root_packages"])
"""The project's own top-level packages."""


def own_imports(path: Path) -> set[str]:
    """The project's modules that a module imports, or that those of a folder import."""
    files = path.rglob("*.py") if path.is_dir() else [path]
    names = {name for file in files for name in _imports(file)}
    return {name for name in names if name.partition(".")[0] in PACKAGES}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
