"""What a user reads stands in the packages' texts: the logic of core and formats has none."""

import ast
from typing import Final

import pytest

from tests.support import literals
from tests.support.helpers import ROOT

ELSEWHERE: Final = (
    "core/texts/",
    "core/poses/",
    "formats/openpose/",
    "formats/models/texts.py",
    "formats/prompts/texts.py",
    "formats/texts.py",
)
"""The texts themselves, and the rooms of poses, which have their own."""

DECLARING: Final = {
    "core/settings.py": "a setting's description stands beside its default, for docs/settings.md",
    "formats/generation/parameters.py": "a parameter's help stands beside its bounds",
}
"""Where sentences may stand outside of errors, and why."""

FOREIGN: Final = {"not found.": "AWS's words, by which a missing endpoint is told"}
"""Literals that are nothing a user is told, and why they are there."""

TOLD: Final = {"Problem", "JobFailure", "Check", "refuse_contradictions", "translate_errors"}
"""Calls whose arguments a user reads, beside whatever is raised."""


def sources() -> list[str]:
    files = (p for folder in ("core", "formats") for p in (ROOT / folder).rglob("*.py"))
    names = (path.relative_to(ROOT).as_posix() for path in files)
    return sorted(name for name in names if not name.startswith(ELSEWHERE))


def told(tree: ast.AST) -> set[str]:
    """Words in an error or a call whose arguments a user reads."""
    return literals.told(tree, TOLD, raised=True) - FOREIGN.keys()


def sentences(tree: ast.AST) -> set[str]:
    """Whole sentences, without those of others."""
    return literals.sentences(tree) - FOREIGN.keys()


@pytest.mark.parametrize("source", sources())
def test_the_logic_has_no_text(source: str) -> None:
    tree = ast.parse((ROOT / source).read_text("utf-8"))
    assert told(tree) == set()
    assert source in DECLARING or sentences(tree) == set()


@pytest.mark.parametrize(
    "code",
    [
        'raise ValueError("it is wrong")',
        'raise NotFound(f"{name} is gone") from error',
        'problems.append(core.Problem("field", "Choose one."))',
        'refuse_contradictions(((wrong, "end", "It ends early."),))',
        'JobFailure(code=code, message="Retry it" if lost else WHY)',
    ],
)
def test_words_in_an_error_are_found(code: str) -> None:
    assert told(ast.parse(code))


@pytest.mark.parametrize("code", ['return "It is wrong."', 'why = f"{name} may not go."'])
def test_a_reason_is_found(code: str) -> None:
    assert sentences(ast.parse(code))
