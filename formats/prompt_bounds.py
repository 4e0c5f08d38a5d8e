"""Checks a prompt's syntax against the limits: its depth, its changes over the steps, its ANDs.

The container's parsers recurse into brackets, encode each text of a schedule and denoise each part
of an AND; within these limits all of that is small. One pass over the characters finds out.
"""

import re
from typing import Final

from formats import limits, texts

AND: Final = re.compile(r"\bAND\b")
"""Joins prompts (A1111 modules/prompt_parser.py, re_AND)."""

_MARK: Final = re.compile(r"\\.|[\[\]():|]", re.DOTALL)
_PAIRS: Final = {")": "(", "]": "["}


def check_syntax(prompt: str) -> str:
    """The prompt itself. Raises ValueError, with what is too much, beyond the limits."""
    depth, changes = _count(prompt)
    if depth > limits.MAX_BRACKET_DEPTH:
        raise ValueError(texts.brackets_too_deep(depth))
    if changes > limits.MAX_PROMPT_CHANGES:
        raise ValueError(texts.too_many_changes(changes))
    return prompt


def check_and(prompt: str) -> str:
    """The prompt itself. Raises ValueError for too many parts between ANDs."""
    parts = len(AND.split(prompt))
    if parts > limits.MAX_AND_PARTS:
        raise ValueError(texts.too_many_and_parts(parts))
    return prompt


def _count(prompt: str) -> tuple[int, int]:
    """The most brackets that are open at once, and how many square ones hold a `:` or a `|`.

    Brackets of one kind are paired without regard to the other's, as emphasis pairs them; one that
    is never closed counts too, since it reaches to the end.
    """
    opened: dict[str, list[bool]] = {"(": [], "[": []}
    deepest = changes = 0
    for found in _MARK.finditer(prompt):
        mark = found[0]
        if mark in opened:
            opened[mark].append(False)
            deepest = max(deepest, sum(map(len, opened.values())))
        elif mark in _PAIRS and opened[_PAIRS[mark]]:
            opened[_PAIRS[mark]].pop()
        elif mark in (":", "|") and opened["["] and not opened["["][-1]:
            opened["["][-1] = True
            changes += 1
    return deepest, changes
