"""Says what is wrong with a request: each fault at its field, in the words of a person."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from formats import texts

_CONTRADICTION: Final = "contradiction"

_IN_WORDS: Final = {
    "greater_than_equal": texts.AT_LEAST,
    "greater_than": texts.MORE_THAN,
    "less_than_equal": texts.AT_MOST,
    "too_long": texts.TOO_MANY,
    "string_too_short": texts.CHOOSE_ONE,
    "string_too_long": texts.TOO_LONG,
    "finite_number": texts.NO_NUMBER,
    "int_type": texts.NO_WHOLE_NUMBER,
    "float_type": texts.NO_NUMBER,
    "int_from_float": texts.NO_WHOLE_NUMBER,
}
"""pydantic's kinds of errors as a person would say them."""


class FieldProblem(NamedTuple):
    """What is wrong with one field; `path` leads to it from the model that was checked."""

    path: tuple[str, ...]
    message: str


def refuse_contradictions(found: Iterable[tuple[bool, str, str]]) -> None:
    """Raise, inside a pydantic validator, for each (is wrong, field, message) that is wrong.

    What several fields contradict each other in is raised with the field it is best shown at.
    """
    wrong = [(field, message) for is_wrong, field, message in found if is_wrong]
    if wrong:
        context = {"message": wrong[0][1], "problems": wrong}
        raise PydanticCustomError(_CONTRADICTION, "{message}", context)


def field_problems(error: ValidationError) -> tuple[FieldProblem, ...]:
    """Every fault that pydantic found, in its order."""
    details = error.errors(include_url=False, include_input=False)
    return tuple(problem for each in details for problem in _problems(each))


def _problems(details: Any) -> Iterator[FieldProblem]:
    path = tuple(str(part) for part in details["loc"])
    context = details.get("ctx", {})
    if details["type"] == _CONTRADICTION:
        for field, message in context["problems"]:
            yield FieldProblem((*path, field), message)
        return
    words = _IN_WORDS.get(details["type"])
    yield FieldProblem(path, words.format(**context) if words else _sentence(details["msg"]))


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ").rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
