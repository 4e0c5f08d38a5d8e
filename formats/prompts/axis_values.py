"""The values of an axis of a grid, as A1111's X/Y/Z plot reads them: a list, ranges, counts.

`1-5`, `1-10 (+2)` with a step, `1-10 [4]` with a count, and plain values between commas, which
quotes may hold. Read from the forks' scripts/xyz_grid.py.
"""

import csv
import io
import math
import re
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Final, TypeVar

from formats import texts
from formats.limits import MAX_AXIS_TEXT, MAX_AXIS_VALUES

Number = TypeVar("Number", int, float)
Value = TypeVar("Value", int, float, str)

_INTEGER: Final = r"[+-]?\s*\d+"
_REAL: Final = r"[+-]?\s*\d+(?:\.\d*)?"
_DIGITS: Final = 9
"""Of a real value: what a sum of steps has beyond is rounding."""


def _patterns(number: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    span = rf"\s*(?P<first>{number})\s*-\s*(?P<last>{number})"
    step = rf"(?:\s*\((?P<step>[+-]{number.removeprefix('[+-]?')})\s*\))?"
    return re.compile(rf"{span}{step}\s*"), re.compile(rf"{span}\s*\[(?P<count>\d+)\s*\]\s*")


_INTEGER_PATTERNS: Final = _patterns(_INTEGER)
_REAL_PATTERNS: Final = _patterns(_REAL)


def text_values(text: str) -> tuple[str, ...]:
    """Values between commas; one in quotes may hold commas. Empty ones are left out."""
    if len(text) > MAX_AXIS_TEXT:
        raise ValueError(texts.AXIS_TEXT_TOO_LONG)
    rows = csv.reader(io.StringIO(text.replace("\n", ",")), skipinitialspace=True)
    try:
        values = tuple(value for row in rows for each in row if (value := each.strip()))
    except csv.Error as error:
        raise ValueError(texts.bad_axis_values(text[:80])) from error
    return _bounded(values)


def integer_values(text: str) -> tuple[int, ...]:
    """Integers and their ranges. Raises ValueError for what is neither, or for too many."""

    def spread(first: float, last: float, count: int) -> Iterator[int]:
        return (int(value) for value in _linspace(first, last, count))

    def stepped(first: float, last: float, step: float) -> Iterator[int]:
        # A1111 ends a range with one more than the last, whatever the step's sign.
        return iter(_cut(range(int(first), int(last) + 1, int(step))))

    return _bounded(tuple(_numbers(text, int, _INTEGER_PATTERNS, stepped, spread)))


def real_values(text: str) -> tuple[float, ...]:
    """Real numbers and their ranges, which include the last. Raises ValueError likewise."""

    def stepped(first: float, last: float, step: float) -> Iterator[float]:
        count = math.floor((last - first) / step + 1e-9) + 1
        return (first + step * n for n in range(min(max(count, 0), MAX_AXIS_VALUES + 1)))

    values = _numbers(text, float, _REAL_PATTERNS, stepped, _linspace)
    return _bounded(tuple(round(value, _DIGITS) for value in values))


def prompt_orders(text: str) -> tuple[tuple[str, ...], ...]:
    """Every order of the words between commas (A1111's "Prompt order")."""
    words = text_values(text)
    if math.factorial(len(words)) > MAX_AXIS_VALUES:
        raise ValueError(texts.too_many_axis_values(math.factorial(len(words)), MAX_AXIS_VALUES))
    return tuple(permutations(words))


def replaced(prompt: str, negative_prompt: str, search: str, value: str) -> tuple[str, str]:
    """Prompt S/R: every `search` in both prompts is the value. Raises ValueError where none is."""
    if search not in prompt and search not in negative_prompt:
        raise ValueError(texts.not_in_prompts(search))
    return prompt.replace(search, value), negative_prompt.replace(search, value)


def _numbers(
    text: str,
    of: Callable[[str], Number],
    patterns: tuple[re.Pattern[str], re.Pattern[str]],
    stepped: Callable[[float, float, float], Iterator[Number]],
    spread: Callable[[float, float, int], Iterator[Number]],
) -> Iterator[Number]:
    by_step, by_count = patterns
    for value in text_values(text):
        if found := by_step.fullmatch(value):
            step = _float(found["step"] or "1")
            if not step:
                raise ValueError(texts.bad_axis_values(value))
            yield from stepped(_float(found["first"]), _float(found["last"]), step)
        elif found := by_count.fullmatch(value):
            count = min(int(found["count"][:9]), MAX_AXIS_VALUES + 1)
            yield from spread(_float(found["first"]), _float(found["last"]), count)
        else:
            yield _number(value, of)


def _number(value: str, of: Callable[[str], Number]) -> Number:
    try:
        number = of(value)
    except ValueError as error:
        raise ValueError(texts.bad_axis_values(value)) from error
    if not math.isfinite(number):
        raise ValueError(texts.bad_axis_values(value))
    return number


def _float(text: str) -> float:
    return _number("".join(text.split()), float)


def _linspace(first: float, last: float, count: int) -> Iterator[float]:
    """Evenly spread values, both ends among them (numpy.linspace)."""
    if count == 1:
        yield first
        return
    yield from (first + (last - first) * n / (count - 1) for n in range(count))


def _cut(values: range) -> range:
    return values[: MAX_AXIS_VALUES + 1]


def _bounded(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if len(values) > MAX_AXIS_VALUES:
        raise ValueError(texts.too_many_axis_values(len(values), MAX_AXIS_VALUES))
    return values
