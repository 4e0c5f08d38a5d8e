"""What somebody reads who types a command stands in the texts of its package."""

import ast

import pytest

from tests.support import literals
from tests.support.helpers import ROOT

SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("cli", "deploy")
    for path in (ROOT / package).rglob("*.py")
    if path.name != "texts.py"
)
TOLD = {"echo", "confirm", "translate_errors", "report", "Option", "Argument"}
"""Calls whose arguments somebody reads, beside whatever is raised."""


@pytest.mark.parametrize("source", SOURCES)
def test_the_logic_has_no_text(source: str) -> None:
    tree = ast.parse((ROOT / source).read_text("utf-8"))
    assert literals.told(tree, TOLD, raised=True) == set()
    assert literals.sentences(tree) == set()
