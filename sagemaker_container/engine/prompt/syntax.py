"""Reads A1111's emphasis: `(word)`, `((word))`, `[word]`, `(word:1.3)`, backslashes, BREAK.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/prompt_parser.py: round brackets raise
by 1.1, square ones lower by 1.1, a number sets the factor, a bracket that is never closed counts
to the end; a backslash makes the bracket after it a letter, and stands for nothing elsewhere.
"""

import re
from dataclasses import dataclass
from typing import Final

STEP: Final = 1.1

_PART: Final = re.compile(
    r"\\(?P<literal>[()\[\]\\]?)"
    r"|(?P<opening>[(\[])"
    r"|:\s*(?P<factor>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)"
    r"|(?P<closing>[)\]])"
    r"|(?P<text>[^\\()\[\]:]+|:)"
)
_BREAK: Final = re.compile(r"\s*\bBREAK\b\s*")
_FACTORS: Final = {")": STEP, "]": 1 / STEP}
_PAIRS: Final = {"(": ")", "[": "]"}


@dataclass
class Piece:
    """A stretch of a prompt that shares one weight."""

    text: str
    weight: float


Sections = list[list[Piece]]
Place = tuple[int, int]
"""A section, and a piece in it."""


def parse(prompt: str) -> Sections:
    """The prompt's pieces, one list for each part between BREAKs; plain text has weight 1."""
    sections: Sections = [[]]
    opened: dict[str, list[Place]] = {")": [], "]": []}
    for part in _PART.finditer(prompt):
        closing = part["closing"] or (")" if part["factor"] else "")
        if part["opening"]:
            opened[_PAIRS[part["opening"]]].append((len(sections) - 1, len(sections[-1])))
        elif closing and opened[closing]:
            factor = float(part["factor"]) if part["factor"] else _FACTORS[closing]
            _scale(sections, opened[closing].pop(), factor)
        elif part["literal"] is not None:
            sections[-1].append(Piece(part["literal"], 1.0))
        else:
            _add(sections, part[0])
    for closing, places in opened.items():
        for place in places:
            _scale(sections, place, _FACTORS[closing])
    return [_joined(section) for section in sections]


def _add(sections: Sections, text: str) -> None:
    first, *others = _BREAK.split(text)
    sections[-1].append(Piece(first, 1.0))
    sections += [[Piece(other, 1.0)] for other in others]


def _scale(sections: Sections, start: Place, factor: float) -> None:
    """Scale every piece since a bracket was opened."""
    section, position = start
    for piece in sections[section][position:]:
        piece.weight *= factor
    for later in sections[section + 1 :]:
        for piece in later:
            piece.weight *= factor


def _joined(pieces: list[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].weight == piece.weight:
            joined[-1].text += piece.text
        elif piece.text:
            joined.append(piece)
    return joined
