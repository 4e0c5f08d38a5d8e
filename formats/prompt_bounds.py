"""Checks a prompt's syntax against the limits: its depth, weights, changes over the steps, ANDs.

The container's parsers recurse into brackets, encode each text of a schedule and denoise each part
of an AND; within these limits all of that is small, and every number finite. One pass over the
characters finds out.
"""

import re
from typing import Final, NamedTuple

from formats import limits, texts

AND: Final = re.compile(r"\bAND\b")
"""Joins prompts (A1111 modules/prompt_parser.py, re_AND)."""

EMPHASIS: Final = 1.1
"""What a pair of round brackets multiplies a weight by, and a pair of square ones divides it by."""

_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
FACTOR: Final = rf":\s*(?P<factor>{_NUMBER})\s*\)"
"""Closes a round bracket with a weight of its own; nan, inf and 1e3 are words, as in A1111."""

_AND_WEIGHT: Final = re.compile(r"[+-]?(?:\d+\.?|\d*\.\d+)")
_MARK: Final = re.compile(
    rf"\\[()\[\]\\]|\\(?=:\s*{_NUMBER}\s*\))|\\.|{FACTOR}|[\[\]():|]", re.DOTALL
)
"""A backslash takes away what a bracket means, or the mark of a change, but no weight (A1111)."""
_PAIRS: Final = {")": "(", "]": "["}


class _Syntax(NamedTuple):
    """What one pass over a prompt finds."""

    depth: int
    """The most brackets that are open at once."""
    changes: int
    """How many square brackets hold a `:` or a `|`."""
    heavy: str
    """What closes the first bracket that weighs a word beyond the limit; empty for none."""


class _Bracket:
    """An open bracket."""

    def __init__(self) -> None:
        self.changes = False
        """Whether it holds a `:` or a `|`."""
        self.heaviest = 1.0
        """The largest weight of a word in it, without sign; 1 for plain words."""


def check_syntax(prompt: str) -> str:
    """The prompt itself. Raises ValueError, with what is too much, beyond the limits."""
    found = _read(prompt)
    if found.depth > limits.MAX_BRACKET_DEPTH:
        raise ValueError(texts.brackets_too_deep(found.depth))
    if found.changes > limits.MAX_PROMPT_CHANGES:
        raise ValueError(texts.too_many_changes(found.changes))
    if found.heavy:
        raise ValueError(texts.weight_too_large(found.heavy))
    return prompt


def check_and(prompt: str) -> str:
    """The prompt itself. Raises ValueError for too many parts between ANDs, or a large weight."""
    parts = split_and(prompt)
    if len(parts) > limits.MAX_AND_PARTS:
        raise ValueError(texts.too_many_and_parts(len(parts)))
    for part, weight in zip(AND.split(prompt), parts, strict=True):
        if not is_weight(weight[1]):
            raise ValueError(texts.and_weight_too_large(part.rpartition(":")[2].strip()))
    return prompt


def split_and(prompt: str) -> list[tuple[str, float]]:
    """The prompts between ANDs, each with its weight.

    A prompt without AND has weight 1, whatever it ends with: A1111 reads "at 12:30" as "at 12"
    with a weight of 30, which nobody means.
    """
    parts = AND.split(prompt)
    return [(prompt, 1.0)] if len(parts) == 1 else [_split_weight(part) for part in parts]


def _split_weight(part: str) -> tuple[str, float]:
    text, colon, number = part.rpartition(":")
    if colon and _AND_WEIGHT.fullmatch(number.strip()):
        return text.rstrip(), float(number)
    return part.rstrip(), 1.0


def is_weight(weight: float) -> bool:
    """Whether a weight is within the limit; infinity and NaN are not."""
    return abs(weight) <= limits.MAX_PROMPT_WEIGHT


def _read(prompt: str) -> _Syntax:
    """Brackets of one kind are paired without regard to the other's, as emphasis pairs them; one
    that is never closed counts too, since it reaches to the end.
    """
    opened: dict[str, list[_Bracket]] = {"(": [], "[": []}
    depth = changes = 0
    heavy = ""
    for found in _MARK.finditer(prompt):
        mark = ")" if found["factor"] else found[0]
        if mark in opened:
            opened[mark].append(_Bracket())
            depth = max(depth, sum(map(len, opened.values())))
        elif mark in _PAIRS and opened[_PAIRS[mark]]:
            weight = _close(opened[_PAIRS[mark]], _factor(mark, found["factor"]))
            heavy = heavy or ("" if is_weight(weight) else found[0])
        elif mark in (":", "|") and opened["["] and not opened["["][-1].changes:
            opened["["][-1].changes = True
            changes += 1
    while opened["("]:
        weight = _close(opened["("], EMPHASIS)
        heavy = heavy or ("" if is_weight(weight) else "(")
    return _Syntax(depth, changes, heavy)


def _factor(mark: str, number: str | None) -> float:
    """Square brackets count as none, since those that hold a change divide nothing."""
    if number:
        return abs(float(number))
    return EMPHASIS if mark == ")" else 1.0


def _close(opened: list[_Bracket], factor: float) -> float:
    """Close the innermost bracket. Returns its heaviest word's weight, without sign."""
    weight = opened.pop().heaviest * factor
    if opened:
        opened[-1].heaviest = max(opened[-1].heaviest, weight)
    return weight
