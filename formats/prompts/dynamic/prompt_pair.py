"""A prompt and its negative prompt as templates: what becomes of both, by chance or one by one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

from formats.limits import MAX_SEED
from formats.prompts.dynamic.collection import WildcardCollection
from formats.prompts.dynamic.combinations import MOST_COUNTED, Combinations
from formats.prompts.dynamic.parser import has_syntax, parse
from formats.prompts.dynamic.sampling import Sampler, random_numbers
from formats.prompts.dynamic.syntax import Sequence, TemplateError, Text
from formats.prompts.styles_csv import Prompts

FIELDS = Prompts("prompt", "negative_prompt")
"""The names of both, as an error has them."""

T = TypeVar("T")


class PromptError(ValueError):
    """Why one of both can't be expanded; `field` is its name."""

    def __init__(self, error: TemplateError, field: str) -> None:
        super().__init__(str(error))
        self.field = field
        self.at = error.place.at


class PromptPair:
    """The templates of one job. All methods raise PromptError."""

    def __init__(self, templates: Prompts, wildcards: WildcardCollection) -> None:
        self._wildcards = wildcards
        self._parsed = _each(lambda n: _parse(templates[n]))

    def sample(self, seed: int) -> Prompts:
        """What a wildcard seed makes of both; the same in every version."""
        number = random_numbers(seed % (MAX_SEED + 1))
        sampler = self._sampler
        return Prompts(*_each(lambda n: sampler.sample(self._parsed[n], number).strip()))

    @cached_property
    def count(self) -> int:
        """How many combinations both have, at most `MOST_COUNTED`."""
        ways, negative_ways = _each(lambda n: self._combinations[n].count())
        return min(ways * negative_ways, MOST_COUNTED)

    def combination(self, number: int) -> Prompts:
        """One of them, from 0 to below `count`; the negative prompt changes most often."""
        _ = self.count
        numbers = divmod(number, self._combinations[1].count())
        return Prompts(*_each(lambda n: self._combinations[n].text(numbers[n]).strip()))

    @cached_property
    def _sampler(self) -> Sampler:
        return Sampler(self._wildcards)

    @cached_property
    def _combinations(self) -> tuple[Combinations, Combinations]:
        prompt, negative = self._parsed
        return Combinations(prompt, self._wildcards), Combinations(negative, self._wildcards)


def is_dynamic(templates: Prompts) -> bool:
    """Whether anything in a prompt or its negative prompt is chosen or left out."""
    return any(map(has_syntax, templates))


def _parse(text: str) -> Sequence:
    return parse(text) if has_syntax(text) else Sequence((Text(text),))


def _each(make: Callable[[int], T]) -> tuple[T, T]:
    """The same of the prompt and of the negative prompt."""
    with _at(FIELDS.prompt):
        first = make(0)
    with _at(FIELDS.negative):
        return first, make(1)


@contextmanager
def _at(field: str) -> Iterator[None]:
    try:
        yield
    except TemplateError as error:
        raise PromptError(error, field) from error
