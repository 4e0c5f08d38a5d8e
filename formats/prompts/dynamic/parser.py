"""Reads the syntax of sd-dynamic-prompts into its parts; says at which character it is wrong.

The rules are those of the library dynamicprompts 0.31 (its parser's grammar), with two differences:
`$`, `%` and a single `}` or `|` may stand in a prompt as they are, as they may in A1111, and `#`
begins a comment only at the beginning of a word.
"""

import re
from collections.abc import Callable
from typing import Final

from formats.prompts import texts
from formats.prompts.dynamic.syntax import (
    Assignment,
    Option,
    Part,
    Place,
    Sequence,
    TemplateError,
    Text,
    Variable,
    Variants,
    Wildcard,
)

MAX_NESTING: Final = 24
"""Braces open at once."""

_SEPARATOR: Final = ","
"""Between several choices where none is given, as the library has it."""

_WILDCARD: Final = re.compile(
    r"__([!~@]?)([^\s_|{}$#<>()\[\]:,](?:[^|{}$#<>()\[\]:,\n]{0,127}?))__"
)
_COMMENT: Final = re.compile(r"(?:^|(?<=[\s{|}]))#[^\n]*", re.MULTILINE)
_SYNTAX: Final = re.compile(rf"\{{|{_WILDCARD.pattern}|{_COMMENT.pattern}", re.MULTILINE)
_PLAIN: Final = re.compile(r"[^#${}|_%]+")
_TAG: Final = re.compile(r"<[^<>\n]{1,300}>")
_SPACE: Final = re.compile(r"\s*")
_SAMPLER: Final = re.compile(r"[!~@]")
_BOUNDS: Final = re.compile(r"(?:(\d+)-(\d+)|(\d+)-|-(\d+)|(\d+))\$\$")
_JOINED_BY: Final = re.compile(r"([^${}\n]*)\$\$")
_WEIGHT: Final = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})::")
_NAME: Final = re.compile(r"\s*([A-Za-z_-][\w-]{0,63})\s*")
_MANY: Final = 10**9


def has_syntax(text: str) -> bool:
    """Whether anything in a prompt is chosen or left out, and so what is sent is another text."""
    return _SYNTAX.search(text) is not None


def parse(text: str, wildcard: str = "") -> Sequence:
    """The parts of a prompt, or of a value of a wildcard. Raises TemplateError."""
    return _Parser(text, wildcard).whole()


class _Parser:
    def __init__(self, text: str, wildcard: str) -> None:
        self._text = text
        self._wildcard = wildcard
        self._at = 0
        self._depth = 0
        self._tags = [match.span() for match in _TAG.finditer(text)]

    def whole(self) -> Sequence:
        return self._sequence(ends="")

    def _sequence(self, ends: str) -> Sequence:
        """Parts up to the end of the text, or to one of the characters in `ends`."""
        parts: list[Part] = []
        plain: list[str] = []
        while self._at < len(self._text) and self._text[self._at] not in ends:
            part = self._part()
            if isinstance(part, str):
                plain.append(part)
                continue
            if plain:
                parts.append(Text("".join(plain)))
                plain = []
            parts.append(part)
        if plain:
            parts.append(Text("".join(plain)))
        return Sequence(tuple(parts))

    def _part(self) -> Part | str:
        if match := _PLAIN.match(self._text, self._at) or self._comment():
            self._at = match.end()
            return "" if match.re is _COMMENT else match.group()
        if self._text.startswith("${", self._at):
            return self._nested(self._variable)
        if self._text.startswith("%{", self._at):
            raise self._wrong(texts.NO_WRAPPING, self._at)
        if self._text[self._at] == "{":
            return self._nested(self._variants)
        if match := _WILDCARD.match(self._text, self._at):
            return self._wildcard_part(match)
        self._at += 1
        return self._text[self._at - 1]

    def _comment(self) -> re.Match[str] | None:
        return _COMMENT.match(self._text, self._at)

    def _nested(self, read: Callable[[], Part]) -> Part:
        if self._depth == MAX_NESTING:
            raise self._wrong(texts.TOO_DEEP, self._at)
        self._depth += 1
        part = read()
        self._depth -= 1
        return part

    def _variants(self) -> Variants:
        place = self._at
        self._at += 1
        self._skip(_SPACE)
        if _SAMPLER.match(self._text, self._at):
            raise self._wrong(texts.NO_SAMPLER, self._at)
        low, high, separator = self._bounds()
        options = [self._option()]
        while self._next_is("|"):
            options.append(self._option())
        if not self._next_is("}"):
            raise self._wrong(texts.NOT_CLOSED, place)
        return Variants(tuple(options), low, high, separator, self._place(place))

    def _bounds(self) -> tuple[int, int, str]:
        bounds = self._skip(_BOUNDS)
        if bounds is None:
            return 1, 1, _SEPARATOR
        low, high, from_, up_to, exact = (
            None if each is None else _bounded(each) for each in bounds.groups()
        )
        separator = self._skip(_JOINED_BY)
        least, most = low or from_ or 0, high
        if exact is not None:
            least = most = exact
        elif up_to is not None:
            least, most = 1, up_to
        elif most is None:
            most = _MANY
        return min(least, most), max(least, most), separator[1] if separator else _SEPARATOR

    def _option(self) -> Option:
        self._skip(_SPACE)
        weight = self._skip(_WEIGHT)
        return Option(float(weight[1]) if weight else 1.0, self._sequence(ends="|}"))

    def _variable(self) -> Assignment | Variable:
        place = self._at
        self._at += 2
        name = self._skip(_NAME)
        if name is None:
            raise self._wrong(texts.NO_VARIABLE_NAME, place)
        part: Assignment | Variable
        if self._next_is(":"):
            part = Variable(name[1], self._value(place), self._place(place))
        elif self._next_is("?="):
            part = self._assignment(name[1], place, is_default=True)
        elif self._next_is("="):
            part = self._assignment(name[1], place, is_default=False)
        else:
            part = Variable(name[1], None, self._place(place))
        if not self._next_is("}"):
            is_over = self._at >= len(self._text)
            message = texts.VARIABLE_NOT_CLOSED if is_over else texts.NO_VARIABLE_NAME
            raise self._wrong(message, place)
        return part

    def _assignment(self, name: str, place: int, *, is_default: bool) -> Assignment:
        is_immediate = self._next_is("!")
        return Assignment(name, self._value(place), is_immediate, is_default)

    def _value(self, place: int) -> Sequence:
        self._skip(_SPACE)
        value = self._sequence(ends="|}")
        if self._text[self._at : self._at + 1] == "|":
            raise self._wrong(texts.BAR_IN_VARIABLE, place)
        return value

    def _wildcard_part(self, match: re.Match[str]) -> Wildcard:
        sampler, name = match.groups()
        if sampler:
            raise self._wrong(texts.NO_SAMPLER, self._at)
        self._at = match.end()
        in_tag = any(start < match.start() < end for start, end in self._tags)
        return Wildcard(name.strip(), self._place(match.start()), in_tag)

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def _next_is(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) if found else 0
        return found

    def _wrong(self, message: str, place: int) -> TemplateError:
        return TemplateError(message, self._place(place))

    def _place(self, at: int) -> Place:
        return Place(at, self._text, self._wildcard)


def _bounded(digits: str) -> int:
    return int(digits) if len(digits) < 10 else _MANY
