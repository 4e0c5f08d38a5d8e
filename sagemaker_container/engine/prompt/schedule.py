"""Reads how a prompt changes over the steps: `[a:b:0.5]`, `[a|b]`, and `AND` between prompts.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/prompt_parser.py. A bracket that is
never closed, or closed by another, stands for itself. A `|` outside of square brackets and a
backslash before nothing make all brackets of the prompt stand for themselves.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

_PART: Final = re.compile(r"(?:[^\\\[\]():|]|\\.)+|[\[\]():|]")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?")
_WEIGHT: Final = re.compile(r"[+-]?(?:\d+\.?|\d*\.\d+)")
_AND: Final = re.compile(r"\bAND\b")
_PAIRS: Final = {")": "(", "]": "["}
_DEEPEST: Final = 100
"""Brackets within brackets; more of them are no prompt."""


@dataclass(frozen=True)
class Switched:
    """`[before:after:when]`."""

    before: "Nodes"
    after: "Nodes"
    when: str


@dataclass(frozen=True)
class Alternated:
    """`[one|two|...]`, another one at each step."""

    ways: Sequence["Nodes"]


Nodes: TypeAlias = list[str | Switched | Alternated]


@dataclass
class _Open:
    """A bracket that is not closed yet, and what stood in it so far."""

    bracket: str
    parts: list[Nodes] = field(default_factory=lambda: [[]])
    marks: list[str] = field(default_factory=list)
    """The `:` and `|` between the parts."""


class _NoSchedule(Exception):
    """Nothing in the prompt can be read as a change."""


def conjuncts(prompt: str) -> list[tuple[str, float]]:
    """The prompts between ANDs, each with its weight.

    A prompt without AND has weight 1, whatever it ends with: A1111 takes "at 12:30" for "at 12"
    with a weight of 30, which nobody means.
    """
    parts = _AND.split(prompt)
    return [(prompt, 1.0)] if len(parts) == 1 else [_weighted(part) for part in parts]


def _weighted(part: str) -> tuple[str, float]:
    text, colon, number = part.rpartition(":")
    if colon and _WEIGHT.fullmatch(number.strip()):
        return text.rstrip(), float(number)
    return part.rstrip(), 1.0


def changes(prompt: str, steps: int, first_steps: int | None = None) -> list[tuple[int, str]]:
    """What a prompt says until which step: the last entry counts until `steps`.

    Numbers with a point are shares of the steps, others are steps. `first_steps` marks a second
    pass (hires fix), whose own changes lie between 1.0 and 2.0, or after so many steps.
    """
    try:
        nodes = _read(prompt)
    except _NoSchedule:
        return [(steps, prompt)]
    whens = _Whens(steps, first_steps)
    ends = {steps, *(step for step in whens.of(nodes) if step >= 1)}
    return [(end, whens.text(nodes, end)) for end in sorted(ends)]


@dataclass(frozen=True)
class _Whens:
    """Knows at which step a change happens."""

    steps: int
    first_steps: int | None

    def when(self, node: Switched) -> int:
        """The last step before the change."""
        second = self.first_steps is not None
        if "." in node.when:
            wanted = (float(node.when) - second) * self.steps
        else:
            wanted = float(node.when) - (self.first_steps or 0)
        return min(self.steps, int(max(-1, min(wanted, self.steps))))

    def of(self, nodes: Nodes) -> Iterator[int]:
        """All steps at which something changes."""
        for node in nodes:
            if isinstance(node, Switched):
                yield self.when(node)
                yield from self.of([*node.before, *node.after])
            elif isinstance(node, Alternated):
                yield from range(1, self.steps + 1)

    def text(self, nodes: Nodes, step: int) -> str:
        """What the prompt says at a step, counted from 1."""
        return "".join(self._texts(nodes, step))

    def _texts(self, nodes: Iterable[str | Switched | Alternated], step: int) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, str):
                yield node
            elif isinstance(node, Switched):
                now = node.before if step <= self.when(node) else node.after
                yield from self._texts(now, step)
            else:
                yield from self._texts(node.ways[(step - 1) % len(node.ways)], step)


def _read(prompt: str) -> Nodes:
    """The prompt's parts. Raises _NoSchedule."""
    root: Nodes = []
    opened: list[_Open] = []
    end = 0
    for part in _PART.finditer(prompt):
        if part.start() != end:
            break
        end = part.end()
        _take(part[0], root, opened)
    if end != len(prompt):
        raise _NoSchedule
    _give_up(root, opened)
    return root


def _take(part: str, root: Nodes, opened: list[_Open]) -> None:
    if part in ("(", "["):
        opened.append(_Open(part))
        if len(opened) > _DEEPEST:
            raise _NoSchedule
    elif part in _PAIRS:
        closed = _closed(opened[-1]) if opened and opened[-1].bracket == _PAIRS[part] else None
        if closed is None:
            _give_up(root, opened)
            root.append(part)
        else:
            opened.pop()
            _target(root, opened).extend(closed)
    elif part in (":", "|") and opened:
        opened[-1].marks.append(part)
        opened[-1].parts.append([])
    elif part == "|":
        raise _NoSchedule
    else:
        _target(root, opened).append(part)


def _target(root: Nodes, opened: list[_Open]) -> Nodes:
    return opened[-1].parts[-1] if opened else root


def _closed(this: _Open) -> Nodes | None:
    """What a closed pair of brackets means; None where nothing can be made of it."""
    marks = "".join(this.marks)
    if not marks or (this.bracket == "(" and marks == ":"):
        return _spelled(this, {"(": ")", "[": "]"}[this.bracket])
    if this.bracket == "(":
        return None
    if not marks.strip("|"):
        return [Alternated(this.parts)]
    when = _number(this.parts[-1])
    if marks not in (":", "::") or when is None:
        return None
    return [Switched(this.parts[0] if marks == "::" else [], this.parts[-2], when)]


def _number(nodes: Nodes) -> str | None:
    if not all(isinstance(node, str) for node in nodes):
        return None
    text = "".join(str(node) for node in nodes).strip()
    return text if _NUMBER.fullmatch(text) else None


def _spelled(this: _Open, end: str = "") -> Nodes:
    """The same as it stands in the prompt."""
    nodes: Nodes = [this.bracket, *this.parts[0]]
    for mark, part in zip(this.marks, this.parts[1:], strict=True):
        nodes += [mark, *part]
    return [*nodes, end]


def _give_up(root: Nodes, opened: list[_Open]) -> None:
    """Open brackets stand for themselves. Raises _NoSchedule where a `|` would do so too."""
    for this in opened:
        if "|" in this.marks:
            raise _NoSchedule
        root += _spelled(this)
    opened.clear()
