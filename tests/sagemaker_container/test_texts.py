"""What a job's user reads stands in the container's texts: its logic has none."""

import ast
from typing import Final

import pytest

from tests.support.helpers import ROOT
from tests.support.literals import sentences, told

CONTAINER: Final = ROOT / "sagemaker_container"

TOLD: Final = {
    *("JobError", "Failure", "WorkerLost", "_fail_jobs"),
    *("file_error", "broken_error", "mismatch_error", "add_note"),
}
"""Calls whose arguments get into a job's result."""

OURS: Final = {
    "The fast ControlNet returns a tuple; give return_dict=False.": "a mistake in our own calls",
}
"""Sentences that only the log has, and why no user meets them."""


def sources() -> list[str]:
    names = (path.relative_to(CONTAINER).as_posix() for path in CONTAINER.rglob("*.py"))
    return sorted(name for name in names if not name.startswith("texts/"))


@pytest.mark.parametrize("source", sources())
def test_the_logic_has_no_text(source: str) -> None:
    tree = ast.parse((CONTAINER / source).read_text("utf-8"))
    assert told(tree, TOLD) == set()
    assert sentences(tree) <= OURS.keys()


@pytest.mark.parametrize(
    "code",
    [
        'raise JobError(ErrorCode.BUSY, "try later")',
        'raise file.broken_error(f"it lacks {name}") from error',
        'run.record.add_note("as tiles")',
        'texts.Failure(code=code, message=WHY if lost else f"{error} again")',
    ],
)
def test_words_that_reach_a_result_are_found(code: str) -> None:
    assert told(ast.parse(code), TOLD)


@pytest.mark.parametrize("code", ['reason = f"its {part} is damaged."', 'return "Try it again."'])
def test_a_reason_is_found(code: str) -> None:
    assert sentences(ast.parse(code))
