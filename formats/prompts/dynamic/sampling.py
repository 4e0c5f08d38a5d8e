"""Random choices: one text of a dynamic prompt, the same for the same seed in every version."""

import random
from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Sequence as Weights
from itertools import accumulate

from formats.prompts.dynamic.collection import WildcardCollection
from formats.prompts.dynamic.evaluation import (
    Choices,
    Scope,
    Walk,
    bounds_of,
    check_length,
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
)

RandomNumber = Callable[[], float]
"""Gives a number from 0 to below 1."""


def random_numbers(seed: int) -> RandomNumber:
    """Numbers of a seed. Of what `random` offers this method alone is promised to stay the same
    in later versions of Python, so that everything that is chosen is made of it."""
    return random.Random(seed).random  # noqa: S311 - choices of words


class Sampler:
    """Chooses texts of prompts, as many as are asked for."""

    def __init__(self, wildcards: WildcardCollection) -> None:
        self._walk = Walk(wildcards)
        self._number: RandomNumber = float

    def sample(self, prompt: Sequence, number: RandomNumber) -> str:
        """One text of a prompt. Raises TemplateError."""
        self._walk.restart()
        self._number = number
        return self._text(prompt, Scope())

    def _text(self, prompt: Sequence, scope: Scope) -> str:
        texts = []
        for part in prompt.parts:
            if isinstance(part, Assignment):
                scope = self._assigned(part, scope)
            else:
                texts.append(self._part(part, scope))
        text = "".join(texts)
        return check_length(text, Place(0, text))

    def _assigned(self, part: Assignment, scope: Scope) -> Scope:
        if part.is_default and scope.find(part.name):
            return scope
        if part.is_immediate:
            return Scope(scope, part.name, chosen=self._text(part.value, scope))
        return Scope(scope, part.name, part.value, scope)

    def _part(self, part: Shown, scope: Scope) -> str:
        if isinstance(part, Text):
            return part.text
        if isinstance(part, Variable):
            return self._variable(part, scope)
        if self._walk.is_text(part):
            return f"__{name_of(part)}__"
        self._walk.enter(part.place, name_of(part))
        choices = self._walk.choices(part)
        low, high, separator = bounds_of(part, len(choices.options))
        count = low + int(self._number() * (high - low + 1)) if high > low else low
        chosen = self._choose(choices, count, part.place)
        text = separator.join(self._text(option.body, scope) for option in chosen)
        self._walk.leave()
        return check_length(text, part.place)

    def _variable(self, part: Variable, scope: Scope) -> str:
        found = value_of(part, scope)
        if found.value is None:
            return found.chosen
        self._walk.enter(part.place)
        text = self._text(found.value, found.value_scope or Scope())
        self._walk.leave()
        return text

    def _choose(self, choices: Choices, count: int, place: Place) -> list[Option]:
        """So many options, none twice, each by its weight among those that are left."""
        if count == 1:
            return [choices.options[self._index(choices.sums)]]
        chosen, options = [], list(choices.options)
        for _ in range(count):
            self._walk.step(place, len(options))
            sums = list(accumulate(option.weight for option in options))
            chosen.append(options.pop(self._index(sums)))
        return chosen

    def _index(self, sums: Weights[float]) -> int:
        """Where a random point lies among the weights."""
        return min(bisect_right(sums, self._number() * sums[-1]), len(sums) - 1)
