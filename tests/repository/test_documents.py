"""What the documents point at is there."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.support.helpers import ROOT

PLACES: Final = ("*.md", "demo/*.md", "docs/*.md", ".github/**/*.md", ".github/**/*.yml")
TARGETS: Final = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
each_document = pytest.mark.parametrize(
    "document",
    [path for place in PLACES for path in sorted(ROOT.glob(place))],
    ids=lambda path: str(path.relative_to(ROOT)),
)


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!\w+:)([^)#\s]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@each_document
def test_commands_of_make_exist(document: Path) -> None:
    named = re.findall(r"(?:`|: |^)make ([a-z-]+)", document.read_text("utf-8"), re.M)
    assert set(named) <= TARGETS
