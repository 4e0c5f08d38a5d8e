"""The documents: no dead link, and every word of the domain in the glossary."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.helpers import ROOT
from tests.support.imports import PACKAGES

DOCUMENTS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "demo").glob("*.md"))
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
GLOSSARY = ROOT / "docs" / "glossary.md"
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def anchors(document: Path) -> set[str]:
    """The anchors of its headings, as GitHub makes them."""
    headings = HEADING.findall(document.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_is_dead(document: Path) -> None:
    text = document.read_text("utf-8")
    for link in LINK.findall(text):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize(
    "document",
    [*DOCUMENTS, *(ROOT / ".github").rglob("*.md"), *(ROOT / ".github").rglob("*.yml")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_command_of_make_exists(document: Path) -> None:
    named = re.findall(r"(?:`|: |^)make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)
    assert set(named) <= TARGETS


def enumerations() -> Iterator[str]:
    for package in ("formats", "core"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and "StrEnum" in map(ast.unparse, node.bases):
                    yield node.name


def folders() -> Iterator[str]:
    for package in sorted(PACKAGES):
        for path in sorted((ROOT / package).rglob("__init__.py")):
            yield f"{path.parent.relative_to(ROOT).as_posix()}/"


@pytest.mark.parametrize("word", [*enumerations(), *folders()])
def test_the_glossary_explains_it(word: str) -> None:
    assert f"`{word}`" in GLOSSARY.read_text("utf-8")


@pytest.mark.parametrize("folder", [*folders()])
def test_a_folder_fits_a_screen_and_says_what_it_owns(folder: str) -> None:
    here = [p for p in (ROOT / folder).iterdir() if p.name != "__pycache__"]
    assert len(here) <= 16, sorted(p.name for p in here)
    assert ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text("utf-8")))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_that_is_named_is_there(document: Path) -> None:
    for name in re.findall(
        r"`((?:[a-z_]+/)+[a-z_*]+\.(?:py|sh|js|toml|yml))`", document.read_text()
    ):
        assert list(ROOT.glob(name)), name
