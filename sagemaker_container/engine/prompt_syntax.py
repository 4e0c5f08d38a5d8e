"""Reads A1111's emphasis: `(word)`, `((word))`, `[word]`, `(word:1.3)`, backslashes, BREAK.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/prompt_parser.py: round brackets raise
by 1.1, square ones lower by 1.1, a number sets the factor, a bracket that is never closed counts
to the end.
"""

import re
from dataclasses import dataclass
from typing import Final

from formats.result import ErrorCode
from sagemaker_container.errors import JobError

STEP: Final = 1.1

_PART: Final = re.compile(
    r"\\(?P<literal>[()\[\]\\])"
    r"|(?P<opening>[(\[])"
    r"|:\s*(?P<factor>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)"
    r"|(?P<closing>[)\]])"
    r"|\s*\b(?P<chunk_end>BREAK)\b\s*"
    r"|(?P<text>[^\\()\[\]:B]+|.)",
    re.DOTALL,
)
_CHANGING: Final = re.compile(r"(?<!\\)\[[^\[\]]*:\s*[-+\d.]+\s*\]")
_ALTERNATING: Final = re.compile(r"(?<!\\)\[[^\[\]]*\|[^\[\]]*\]")
_AND: Final = re.compile(r"\bAND\b")


@dataclass
class Piece:
    """A stretch of a prompt that shares one weight."""

    text: str
    weight: float


def parse(prompt: str) -> list[list[Piece]]:
    """The prompt's pieces, one list for each part between BREAKs; plain text has weight 1."""
    sections: list[list[Piece]] = [[]]
    opened: list[tuple[str, int, int]] = []
    for part in _PART.finditer(prompt):
        if part["opening"]:
            opened.append((part["opening"], len(sections) - 1, len(sections[-1])))
        elif part["factor"] and opened and opened[-1][0] == "(":
            _scale(sections, opened.pop(), float(part["factor"]))
        elif part["closing"] and opened and opened[-1][0] + part["closing"] in ("()", "[]"):
            _scale(sections, opened[-1], _step(opened.pop()[0]))
        elif part["chunk_end"]:
            sections.append([])
        else:
            sections[-1].append(Piece(part["literal"] or part[0], 1.0))
    while opened:
        _scale(sections, opened[-1], _step(opened.pop()[0]))
    return [_joined(section) for section in sections]


def refuse_unsupported(prompt: str, field: str) -> None:
    """Raises JobError(UNSUPPORTED) for syntax that would otherwise be drawn as something else."""
    for pattern, what in (
        (_CHANGING, "A prompt that changes on the way ([cat:dog:0.5])"),
        (_ALTERNATING, "An alternating prompt ([cat|dog])"),
        (_AND, "AND (several prompts composed)"),
    ):
        if pattern.search(prompt):
            message = f"{what} is not supported by this container; write it without."
            raise JobError(ErrorCode.UNSUPPORTED, message, field)


def _step(opening: str) -> float:
    return STEP if opening == "(" else 1 / STEP


def _scale(sections: list[list[Piece]], start: tuple[str, int, int], factor: float) -> None:
    """Scale every piece since a bracket was opened."""
    _, section, position = start
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
        else:
            joined.append(piece)
    return joined
