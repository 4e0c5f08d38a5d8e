"""What random choices and combinations share: values of variables, options, limits on the work."""

from collections.abc import Sequence as Options
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from formats.limits import PROMPT_BYTES
from formats.prompts import texts
from formats.prompts.dynamic.collection import WildcardCollection
from formats.prompts.dynamic.syntax import (
    Option,
    Part,
    Place,
    Sequence,
    TemplateError,
    Variable,
    Variants,
    Wildcard,
)

MAX_STEPS: Final = 300_000
"""Options and parts that are looked at for one prompt."""

MAX_DEPTH: Final = 60
"""Choices within choices, through wildcards and variables too."""


@dataclass(frozen=True, eq=False)
class Scope:
    """The variables that have a value; an assignment makes a new scope. Equal only to itself."""

    outer: "Scope | None" = None
    name: str = ""
    value: Sequence | None = None
    """None where it was chosen already: then `chosen` is the text."""
    value_scope: "Scope | None" = None
    chosen: str = ""
    key: object = None
    """The same for scopes that differ by nothing but the texts that were chosen."""

    def find(self, name: str) -> "Scope | None":
        """The scope that gave a variable its value."""
        scope: Scope | None = self
        while scope is not None and scope.name != name:
            scope = scope.outer
        return scope


class Choices(NamedTuple):
    """The options of a part that have a weight, and the sums of their weights so far."""

    options: Options[Option]
    sums: Options[float]


class Walk:
    """A walk through a prompt: counts its steps, and knows which wildcards it is inside of."""

    def __init__(self, wildcards: WildcardCollection) -> None:
        self.wildcards = wildcards
        self.steps = 0
        self._inside: list[str] = []
        self._choices: dict[object, tuple[Part, Choices]] = {}
        self._depth = 0

    def restart(self) -> None:
        """Begin at the top again; what can be chosen is remembered."""
        self.steps = self._depth = 0
        self._inside.clear()

    def step(self, place: Place, count: int = 1) -> None:
        """Count work. Raises TemplateError where it is too much."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise TemplateError(texts.TOO_MUCH_WORK, place)

    def enter(self, place: Place, wildcard: str = "") -> None:
        """Go into a choice. Raises TemplateError for a wildcard within its own values."""
        self.step(place)
        if wildcard and wildcard in self._inside:
            chain = " → ".join((*self._inside[self._inside.index(wildcard) :], wildcard))
            raise TemplateError(texts.refers_to_itself(chain), place)
        if self._depth == MAX_DEPTH:
            raise TemplateError(texts.TOO_DEEP, place)
        self._depth += 1
        self._inside.append(wildcard)

    def leave(self) -> None:
        """Come out of it again."""
        self._depth -= 1
        self._inside.pop()

    def choices(self, part: Wildcard | Variants) -> Choices:
        """What can be chosen; of the one wildcard that stands alone in braces, its values.

        Raises TemplateError where there is nothing.
        """
        key = key_of(part)
        if key not in self._choices:  # the part is kept too, so that its id stays its own
            self._choices[key] = (part, self._read(part))
        return self._choices[key][1]

    def _read(self, part: Wildcard | Variants) -> Choices:
        options = self._all(part)
        self.step(part.place, len(options))
        live = [option for option in options if option.weight > 0]
        if not live:
            raise TemplateError(texts.NOTHING_TO_CHOOSE, part.place)
        return Choices(live, list(accumulate(option.weight for option in live)))

    def _all(self, part: Wildcard | Variants) -> tuple[Option, ...]:
        if isinstance(part, Wildcard):
            return self.wildcards.options(part.name, part.place)
        inner = lone_wildcard(part)
        return self.wildcards.options(inner.name, inner.place) if inner else part.options

    def is_text(self, part: Wildcard | Variants) -> bool:
        """Whether it is no wildcard but a part of a file's name in a tag."""
        return isinstance(part, Wildcard) and part.is_optional and not self.wildcards.has(part.name)


def key_of(part: Wildcard | Variants) -> object:
    """The same for parts with the same options."""
    return part.name if isinstance(part, Wildcard) else id(part)


def lone_wildcard(part: Variants) -> Wildcard | None:
    """The wildcard of `{2$$__name__}`, whose values are the options."""
    if len(part.options) > 1 or len(part.options[0].body.parts) != 1:
        return None
    (inner,) = part.options[0].body.parts
    return inner if isinstance(inner, Wildcard) and not inner.is_optional else None


def name_of(part: Wildcard | Variants) -> str:
    """The wildcard whose values are chosen from; empty for options that stand in braces."""
    wildcard = part if isinstance(part, Wildcard) else lone_wildcard(part)
    return wildcard.name if wildcard else ""


def bounds_of(part: Wildcard | Variants, count: int) -> tuple[int, int, str]:
    """The least and greatest number of options to choose of `count`, and what joins them."""
    if isinstance(part, Wildcard):
        return 1, 1, ""
    return min(part.low, count), min(part.high, count), part.separator


def value_of(variable: Variable, scope: Scope) -> Scope:
    """The scope that has a variable's value. Raises TemplateError where it has none."""
    found = scope.find(variable.name)
    if found is not None:
        return found
    if variable.default is None:
        raise TemplateError(texts.no_variable(variable.name), variable.place)
    return Scope(value=variable.default, value_scope=scope)


def check_length(text: str, place: Place) -> str:
    """The text itself. Raises TemplateError for one that no prompt may be as long as."""
    if len(text) > PROMPT_BYTES:
        raise TemplateError(texts.TOO_LONG, place)
    return text
