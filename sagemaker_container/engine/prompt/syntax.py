"""Parses A1111's emphasis: `(word)`, `((word))`, `[word]`, `(word:1.3)`, backslashes, BREAK.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/prompt_parser.py: round brackets
multiply the weight by 1.1, square ones divide it by 1.1, a number is the factor itself. A bracket
that is never closed reaches to the end. A backslash makes the bracket after it a plain character;
before any other character it is ignored.
"""

import re
from dataclasses import dataclass
from typing import Final

from formats.prompt_bounds import EMPHASIS, FACTOR

_PART: Final = re.compile(
    r"\\(?P<literal>[()\[\]\\]?)"
    r"|(?P<opening>[(\[])"
    rf"|{FACTOR}"
    r"|(?P<closing>[)\]])"
    r"|(?P<text>[^\\()\[\]:]+|:)"
)
_BREAK: Final = re.compile(r"\s*\bBREAK\b\s*")
_FACTORS: Final = {")": EMPHASIS, "]": 1 / EMPHASIS}
_PAIRS: Final = {"(": ")", "[": "]"}


@dataclass
class WeightedText:
    """A part of a prompt that has one weight."""

    text: str
    weight: float


Sections = list[list[WeightedText]]
Position = tuple[int, int]
"""A section, and the index of a text in it."""


def parse_emphasis(prompt: str) -> Sections:
    """The prompt's texts, one list for each section between BREAKs; plain text has weight 1."""
    sections: Sections = [[]]
    opened: dict[str, list[Position]] = {")": [], "]": []}
    for part in _PART.finditer(prompt):
        closing = part["closing"] or (")" if part["factor"] else "")
        if part["opening"]:
            opened[_PAIRS[part["opening"]]].append((len(sections) - 1, len(sections[-1])))
        elif closing and opened[closing]:
            factor = float(part["factor"]) if part["factor"] else _FACTORS[closing]
            _multiply(sections, opened[closing].pop(), factor)
        elif part["literal"] is not None:
            sections[-1].append(WeightedText(part["literal"], 1.0))
        else:
            _add(sections, part[0])
    for closing, positions in opened.items():
        for position in positions:
            _multiply(sections, position, _FACTORS[closing])
    return [_join_equal_weights(section) for section in sections]


def _add(sections: Sections, text: str) -> None:
    first, *others = _BREAK.split(text)
    sections[-1].append(WeightedText(first, 1.0))
    sections += [[WeightedText(other, 1.0)] for other in others]


def _multiply(sections: Sections, start: Position, factor: float) -> None:
    """Multiply the weight of every text since a bracket was opened."""
    section, index = start
    for text in sections[section][index:]:
        text.weight *= factor
    for later in sections[section + 1 :]:
        for text in later:
            text.weight *= factor


def _join_equal_weights(texts: list[WeightedText]) -> list[WeightedText]:
    """Join neighbours of equal weight, and drop empty texts."""
    joined: list[WeightedText] = []
    for text in texts:
        if joined and joined[-1].weight == text.weight:
            joined[-1].text += text.text
        elif text.text:
            joined.append(text)
    return joined
