"""All combinations of a dynamic prompt: how many there are, and each by its number."""

from collections.abc import Sequence as Numbers
from typing import Final

from formats.prompts.dynamic.collection import WildcardCollection
from formats.prompts.dynamic.evaluation import (
    Scope,
    Walk,
    bounds_of,
    check_length,
    key_of,
    name_of,
    value_of,
)
from formats.prompts.dynamic.syntax import (
    Assignment,
    Option,
    Place,
    Sequence,
    Shown,
    Text,
    Variable,
    Variants,
    Wildcard,
)

MOST_COUNTED: Final = 10**9
"""From here on there are simply too many."""


class Combinations:
    """Those of one prompt, in the order of the library dynamicprompts: the last choice changes
    most often, fewer of `{1-2$$…}` come first. Options with the weight 0 are in none."""

    def __init__(self, prompt: Sequence, wildcards: WildcardCollection) -> None:
        self._prompt = prompt
        self._walk = Walk(wildcards)
        self._counts: dict[tuple[int, object], int] = {}
        self._keys: dict[tuple[object, int], object] = {}
        self._parts: dict[tuple[object, object], tuple[list[int], int]] = {}
        self._options: dict[object, tuple[Option, ...]] = {}
        self._root = Scope(key=object())

    def count(self) -> int:
        """How many there are; `MOST_COUNTED` for that many and more. Raises TemplateError."""
        self._walk.restart()
        return self._count(self._prompt, self._root)

    def text(self, number: int) -> str:
        """One of them, from 0 to below `count`. Raises TemplateError."""
        self.count()
        self._walk.restart()
        text = self._text(self._prompt, self._root, number)
        return check_length(text, Place(0, text))

    def _count(self, prompt: Sequence, scope: Scope) -> int:
        key = (id(prompt), scope.key)
        if key not in self._counts:
            total = 1
            for count in self._digits(prompt, scope):
                total = min(total * count, MOST_COUNTED)
            self._counts[key] = total
        return self._counts[key]

    def _digits(self, prompt: Sequence, scope: Scope) -> list[int]:
        """How many texts each part has."""
        counts = []
        for part in prompt.parts:
            if isinstance(part, Assignment):
                is_chosen = part.is_immediate and not _keeps(part, scope)
                counts.append(self._count(part.value, scope) if is_chosen else 1)
                scope = self._assigned(part, scope, "")
            else:
                counts.append(self._count_of(part, scope))
        return counts

    def _count_of(self, part: Shown, scope: Scope) -> int:
        if isinstance(part, Variable):
            found = value_of(part, scope)
            if found.value is None:
                return 1
            self._walk.enter(part.place)
            count = self._count(found.value, found.value_scope or self._root)
            self._walk.leave()
            return count
        if isinstance(part, Text) or self._walk.is_text(part):
            return 1
        return self._counts_of(part, scope)[1]

    def _counts_of(self, part: Wildcard | Variants, scope: Scope) -> tuple[list[int], int]:
        """How many texts each option has, and the whole part."""
        key = (key_of(part), scope.key)
        if key not in self._parts:
            self._walk.enter(part.place, name_of(part))
            options = self._choices(part)
            self._walk.step(part.place, len(options))
            counts = [self._count(option.body, scope) for option in options]
            low, high, _ = bounds_of(part, len(counts))
            self._parts[key] = counts, _ways_between(counts, low, high)
            self._walk.leave()
        return self._parts[key]

    def _choices(self, part: Wildcard | Variants) -> tuple[Option, ...]:
        """The options, equal ones once."""
        key = key_of(part)
        if key not in self._options:
            bodies = {option.body: option for option in self._walk.choices(part).options}
            self._options[key] = tuple(bodies.values())
        return self._options[key]

    def _assigned(self, part: Assignment, scope: Scope, chosen: str) -> Scope:
        if _keeps(part, scope):
            return scope
        key = self._keys.setdefault((scope.key, id(part)), object())
        if part.is_immediate:
            return Scope(scope, part.name, chosen=chosen, key=key)
        return Scope(scope, part.name, part.value, scope, key=key)

    def _text(self, prompt: Sequence, scope: Scope, number: int) -> str:
        digits = []
        for count in reversed(self._digits(prompt, scope)):
            number, digit = divmod(number, count)
            digits.append(digit)
        texts = []
        for part, digit in zip(prompt.parts, reversed(digits), strict=True):
            if isinstance(part, Assignment):
                is_chosen = part.is_immediate and not _keeps(part, scope)
                chosen = self._text(part.value, scope, digit) if is_chosen else ""
                scope = self._assigned(part, scope, chosen)
            else:
                texts.append(self._text_of(part, scope, digit))
        return "".join(texts)

    def _text_of(self, part: Shown, scope: Scope, number: int) -> str:
        if isinstance(part, Text):
            return part.text
        if isinstance(part, Variable):
            found = value_of(part, scope)
            if found.value is None:
                return found.chosen
            return self._text(found.value, found.value_scope or self._root, number)
        if self._walk.is_text(part):
            return f"__{name_of(part)}__"
        self._walk.enter(part.place, name_of(part))
        separator = bounds_of(part, 1)[2]
        chosen = self._chosen(part, scope, number)
        text = separator.join(self._text(option.body, scope, digit) for option, digit in chosen)
        self._walk.leave()
        return check_length(text, part.place)

    def _chosen(
        self, part: Wildcard | Variants, scope: Scope, number: int
    ) -> list[tuple[Option, int]]:
        """The options of a combination, each with the number of its own text."""
        options, counts = list(self._choices(part)), list(self._counts_of(part, scope)[0])
        low, high, _ = bounds_of(part, len(options))
        size = low
        while size < high and number >= (ways := _ways(counts, size)):
            number -= ways
            size += 1
        chosen: list[tuple[Option, int]] = []
        for left in range(size, 0, -1):
            at, number, rest = self._first(part.place, counts, left, number)
            number, after = divmod(number, rest)
            chosen.append((options.pop(at), number))
            counts.pop(at)
            number = after
        return chosen

    def _first(
        self, place: Place, counts: list[int], size: int, number: int
    ) -> tuple[int, int, int]:
        """Which option is first in a combination of `size`, the number within its combinations,
        and how many combinations follow each of its texts."""
        for at, count in enumerate(counts):
            self._walk.step(place, len(counts) if size > 1 else 1)
            rest = _ways(counts[:at] + counts[at + 1 :], size - 1) if size > 1 else 1
            block = min(count * rest, MOST_COUNTED)
            if number < block or at == len(counts) - 1:
                return at, number, rest
            number -= block
        return 0, 0, 1


def _keeps(part: Assignment, scope: Scope) -> bool:
    """Whether `${name?=value}` changes nothing."""
    return part.is_default and scope.find(part.name) is not None


def _ways_between(counts: Numbers[int], low: int, high: int) -> int:
    total = 0
    for size in range(low, high + 1):
        total += _ways(counts, size)
        if total >= MOST_COUNTED:
            return MOST_COUNTED
    return total


def _ways(counts: Numbers[int], size: int) -> int:
    """How many texts choosing `size` of options has, in any order, none twice: size! times the
    elementary symmetric polynomial of their counts."""
    least = 1
    for n in range(size):
        least *= len(counts) - n
        if least >= MOST_COUNTED:
            return MOST_COUNTED
    sums = [1] + [0] * size
    for count in counts:
        for n in range(size, 0, -1):
            sums[n] = min(sums[n] + sums[n - 1] * count, MOST_COUNTED)
    total = sums[size]
    for n in range(2, size + 1):
        total = min(total * n, MOST_COUNTED)
    return total
