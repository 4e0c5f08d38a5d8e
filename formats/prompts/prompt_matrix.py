"""The prompt matrix: one prompt for each choice of the parts between bars."""

from enum import StrEnum
from typing import Final

from formats import texts
from formats.limits import MAX_MATRIX_PARTS

_BAR: Final = "|"
_STRIPPED: Final = " ,\t\n"


class MatrixDelimiter(StrEnum):
    """What joins the parts; the value is the word a user reads."""

    COMMA = "comma"
    SPACE = "space"

    @property
    def text(self) -> str:
        """What stands between two parts."""
        return ", " if self is MatrixDelimiter.COMMA else " "


def matrix_prompts(
    prompt: str, *, at_start: bool = False, delimiter: MatrixDelimiter = MatrixDelimiter.COMMA
) -> tuple[str, ...]:
    """All 2^(n-1) prompts of a prompt with n parts, the bare first part first.

    Part k of those behind the first bar is in the prompts whose number has bit k (A1111
    scripts/prompt_matrix.py). `at_start` puts the chosen parts before the first one. Raises
    ValueError for too many parts.
    """
    first, *others = (part.strip(_STRIPPED) for part in prompt.split(_BAR))
    if len(others) > MAX_MATRIX_PARTS:
        raise ValueError(texts.too_many_matrix_parts(len(others), MAX_MATRIX_PARTS))
    prompts = []
    for number in range(2 ** len(others)):
        chosen = [part for bit, part in enumerate(others) if number >> bit & 1]
        parts = [*chosen, first] if at_start else [first, *chosen]
        prompts.append(delimiter.text.join(part for part in parts if part))
    return tuple(prompts)
