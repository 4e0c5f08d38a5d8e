"""Parses prompts that change over the steps: `[a:b:0.5]` and `[a|b]`.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/prompt_parser.py. A bracket that is
never closed, or closed by another one, is plain text. A `|` outside of square brackets, or a
backslash at the end, makes all brackets of the prompt plain text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from formats.limits import MAX_BRACKET_DEPTH

_PART: Final = re.compile(r"(?:[^\\\[\]():|]|\\.)+|[\[\]():|]")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?")
_PAIRS: Final = {")": "(", "]": "["}


@dataclass(frozen=True)
class PromptEdit:
    """`[before:after:when]`, A1111's prompt editing."""

    before: "Nodes"
    after: "Nodes"
    when: str


@dataclass(frozen=True)
class AlternatingText:
    """`[one|two|...]`, A1111's alternating words: the next one at each step."""

    options: Sequence["Nodes"]


Nodes: TypeAlias = list[str | PromptEdit | AlternatingText]


@dataclass
class _OpenBracket:
    """A bracket that is not closed yet, and what was parsed in it."""

    bracket: str
    parts: list[Nodes] = field(default_factory=lambda: [[]])
    separators: list[str] = field(default_factory=list)
    """The `:` and `|` between the parts."""


class _PlainText(Exception):
    """Nothing in the prompt can be parsed as a change."""


def prompt_schedule(
    prompt: str, steps: int, first_pass_steps: int | None = None
) -> list[tuple[int, str]]:
    """The prompt's texts, each with the last step that it is used at; the last one ends at `steps`.

    Numbers with a point are shares of the steps, others are steps. `first_pass_steps` is given for
    a second pass (hires fix): its changes are at 1.0 to 2.0, or after that many steps.
    """
    try:
        nodes = _parse(prompt)
    except _PlainText:
        return [(steps, prompt)]
    timeline = _Timeline(steps, first_pass_steps)
    ends = {steps, *(step for step in timeline.changes(nodes) if step >= 1)}
    return [(end, timeline.text_at(nodes, end)) for end in sorted(ends)]


@dataclass(frozen=True)
class _Timeline:
    """At which steps a pass changes its prompt."""

    steps: int
    first_pass_steps: int | None

    def last_step_before(self, edit: PromptEdit) -> int:
        """The last step before the change."""
        is_second_pass = self.first_pass_steps is not None
        if "." in edit.when:
            step = (float(edit.when) - is_second_pass) * self.steps
        else:
            step = float(edit.when) - (self.first_pass_steps or 0)
        return min(self.steps, int(max(-1, min(step, self.steps))))

    def changes(self, nodes: Nodes) -> Iterator[int]:
        """The last step before each change."""
        for node in nodes:
            if isinstance(node, PromptEdit):
                yield self.last_step_before(node)
                yield from self.changes([*node.before, *node.after])
            elif isinstance(node, AlternatingText):
                yield from range(1, self.steps + 1)

    def text_at(self, nodes: Nodes, step: int) -> str:
        """The text at a step, counted from 1."""
        return "".join(self._texts_at(nodes, step))

    def _texts_at(
        self, nodes: Iterable[str | PromptEdit | AlternatingText], step: int
    ) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, str):
                yield node
            elif isinstance(node, PromptEdit):
                current = node.before if step <= self.last_step_before(node) else node.after
                yield from self._texts_at(current, step)
            else:
                yield from self._texts_at(node.options[(step - 1) % len(node.options)], step)


def _parse(prompt: str) -> Nodes:
    """The prompt's nodes. Raises _PlainText."""
    root: Nodes = []
    opened: list[_OpenBracket] = []
    end = 0
    for part in _PART.finditer(prompt):
        if part.start() != end:
            break
        end = part.end()
        _parse_part(part[0], root, opened)
    if end != len(prompt):
        raise _PlainText
    _unparse_open(root, opened)
    return root


def _parse_part(part: str, root: Nodes, opened: list[_OpenBracket]) -> None:
    if part in ("(", "["):
        opened.append(_OpenBracket(part))
        if len(opened) > MAX_BRACKET_DEPTH:
            raise _PlainText
    elif part in _PAIRS:
        is_pair = opened and opened[-1].bracket == _PAIRS[part]
        closed = _close(opened[-1]) if is_pair else None
        if closed is None:
            _unparse_open(root, opened)
            root.append(part)
        else:
            opened.pop()
            _innermost(root, opened).extend(closed)
    elif part in (":", "|") and opened:
        opened[-1].separators.append(part)
        opened[-1].parts.append([])
    elif part == "|":
        raise _PlainText
    else:
        _innermost(root, opened).append(part)


def _innermost(root: Nodes, opened: list[_OpenBracket]) -> Nodes:
    return opened[-1].parts[-1] if opened else root


def _close(opened: _OpenBracket) -> Nodes | None:
    """The nodes that a pair of brackets means, or None if it means nothing."""
    separators = "".join(opened.separators)
    if not separators or (opened.bracket == "(" and separators == ":"):
        return _unparse(opened, {"(": ")", "[": "]"}[opened.bracket])
    if opened.bracket == "(":
        return None
    if not separators.strip("|"):
        return [AlternatingText(opened.parts)]
    when = _number(opened.parts[-1])
    if separators not in (":", "::") or when is None:
        return None
    before = opened.parts[0] if separators == "::" else []
    return [PromptEdit(before, opened.parts[-2], when)]


def _number(nodes: Nodes) -> str | None:
    if not all(isinstance(node, str) for node in nodes):
        return None
    text = "".join(str(node) for node in nodes).strip()
    return text if _NUMBER.fullmatch(text) else None


def _unparse(opened: _OpenBracket, end: str = "") -> Nodes:
    """The bracket and its parts as they are written in the prompt."""
    nodes: Nodes = [opened.bracket, *opened.parts[0]]
    for separator, part in zip(opened.separators, opened.parts[1:], strict=True):
        nodes += [separator, *part]
    return [*nodes, end]


def _unparse_open(root: Nodes, opened: list[_OpenBracket]) -> None:
    """Make open brackets plain text. Raises _PlainText if a `|` would become plain text too."""
    for bracket in opened:
        if "|" in bracket.separators:
            raise _PlainText
        root += _unparse(bracket)
    opened.clear()
