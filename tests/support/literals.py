"""Finds the words in a module's code that a user reads, so that they can stand in its texts."""

import ast
import re
from collections.abc import Collection, Iterator
from typing import Final

WORDS: Final = re.compile(r"[^\W\d_].* | .*[^\W\d_]", re.DOTALL)
"""A letter and a space, in any order."""

SENTENCE: Final = re.compile(r"[^\W\d_]+ .*[.!]$", re.DOTALL)


def literals(node: ast.AST) -> Iterator[str]:
    """The strings below a node and the parts of its f-strings, without docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            if not isinstance(node, ast.Expr):
                yield child.value
        else:
            yield from literals(child)


def told(tree: ast.AST, calls: Collection[str], *, raised: bool = False) -> set[str]:
    """Words in calls of these names, and in whatever is raised if that is told too."""
    nodes = (n for n in ast.walk(tree) if _name(n) in calls or (raised and type(n) is ast.Raise))
    return {text for node in nodes for text in literals(node) if WORDS.search(text)}


def sentences(tree: ast.AST) -> set[str]:
    """Whole sentences anywhere, such as a reason that is returned."""
    return {text for text in literals(tree) if SENTENCE.search(text)}


def _name(node: ast.AST) -> str | None:
    """The name of the function that is called."""
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else None
