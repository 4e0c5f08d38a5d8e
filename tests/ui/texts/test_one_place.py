"""What a user reads is written in `ui/texts` and nowhere else in `ui` and `pages`."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import streamlit as st

from tests.support.helpers import ROOT

TEXTS: Final = ROOT / "ui" / "texts"
MODULES: Final = sorted(
    file
    for folder in ("ui", "pages")
    for file in (ROOT / folder).rglob("*.py")
    if TEXTS not in file.parents
)
SCRIPTS: Final = sorted((ROOT / "ui" / "components").rglob("*.js"))

MARKS: Final = re.compile(r":[\w-]+\[|:\w+/\w+:")
"""Streamlit's colours and icons."""
FOR_MACHINES: Final = re.compile(
    r"^<|</|='|^--[\w-]+: $|^rgba\(|^YYYY-|max-age=|samesite=|^attachment; "
    r"|input\[type=|import\(script\)"
)
"""HTML, CSS, formats of time, headers, selectors, scripts."""
SHOWN: Final = {"label", "body", "title", "text", "help", "placeholder", "alt", "page_title"}
"""Streamlit's names of parameters that a user reads."""


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def takes_text_first(name: str) -> bool:
    """Whether the first argument of `st.<name>` is read by a user."""
    function = getattr(st, name, None)
    if not callable(function) or name == "html":
        return name.endswith("Column")
    return next(iter(inspect.signature(function).parameters), "") in SHOWN | {"args"}


def is_exempt(node: ast.AST) -> bool:
    """Enums, whose values are words of their own; docstrings; and what only a log shows."""
    match node:
        case ast.ClassDef(bases=[ast.Name("StrEnum")]):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name("RuntimeError"))):
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name("log"))):
            return True
    return False


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """The tree without what is exempt."""
    if is_exempt(tree):
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from nodes(child)


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The lines and string literals in it, also those within f-strings."""
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def sentences(tree: ast.AST) -> Iterator[str]:
    """Literals that have words in them."""
    for line, literal in literals(tree):
        text = MARKS.sub("", literal)
        has_words = " " in text and re.search("[A-Za-z]", text)
        if has_words and not FOR_MACHINES.search(text):
            yield f"{line}: {literal}"


def labels(tree: ast.AST) -> Iterator[str]:
    """Literals with letters in what a call of Streamlit shows."""
    for call in nodes(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        shown: list[Any] = [word.value for word in call.keywords if word.arg in SHOWN]
        shown += call.args[:1] if takes_text_first(call.func.attr) else []
        for value in shown:
            # A key that is looked up (`texts[name]`, `names.get(...)`) is not shown itself.
            found = literals(value) if isinstance(value, ast.Constant | ast.JoinedStr) else ()
            for line, literal in found:
                if re.search("[A-Za-z]", MARKS.sub("", literal)):
                    yield f"{line}: {literal}"


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_a_module_has_no_text_of_its_own(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    assert [*sentences(tree), *labels(tree)] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('st.button("Delete")', ["1: Delete"]),
        ('st.button(f"Delete {name}")', ["1: Delete ", "1: Delete "]),
        ('left.slider(texts.WEIGHT, help="Heavy")', ["1: Heavy"]),
        ('st.column_config.TextColumn("Joint")', ["1: Joint"]),
        ('label = f"{count} people"', ["1:  people"]),
        ('raise InvalidInput("No such pose.")', ["1: No such pose."]),
        ('st.session_state[NOTICE] = "It is gone."', ["1: It is gone."]),
        ('raise RuntimeError("Not open yet.")', []),
        ('"""A docstring."""', []),
        ('log.warning("event=gone why=%s", "x")', []),
        ('st.button(texts.DELETE, key="models.delete", icon=":material/delete:")', []),
        ('st.markdown(f"#### {texts.TITLE}")', []),
        ('st.caption(f":green[:material/check:] {texts.DONE}")', []),
    ],
)
def test_what_is_found(code: str, found: list[str]) -> None:
    tree = ast.parse(code)
    assert [*sentences(tree), *labels(tree)] == found


IN_SCRIPTS: Final = re.compile(
    r"""\b(?:aria-label|title|alt|placeholder)="[^"$]*[A-Za-z]"""  # in HTML
    r"""|\.(?:textContent|title|alt|ariaLabel) = ["`][^"`$]*[A-Za-z]"""
    r"""|setAttribute\("(?:aria-label|title|alt)", ["`]"""
    r"""|[^=]>\s*[A-Za-z][\w ]*<[/a-z]""",  # between two tags
)


@pytest.mark.parametrize("file", SCRIPTS, ids=named)
def test_a_script_has_no_text_of_its_own(file: Path) -> None:
    code = re.sub(r"^\s*//.*", "", file.read_text("utf-8"), flags=re.MULTILINE)
    assert IN_SCRIPTS.findall(code) == []


def test_a_text_module_stays_short() -> None:
    lengths = {file.name: len(file.read_text("utf-8").splitlines()) for file in TEXTS.glob("*.py")}
    assert [name for name, length in lengths.items() if length > 250] == []
