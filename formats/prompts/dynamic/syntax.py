"""The parts that a dynamic prompt is made of, and the error that says where one is wrong."""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from formats.prompts import texts

_NEAR: Final = 24
"""Characters of a text that an error shows."""


@dataclass(frozen=True)
class Place:
    """A character of a text, counted from 0, and the wildcard whose value the text is."""

    at: int
    source: str
    wildcard: str = ""


class TemplateError(ValueError):
    """A prompt that can't be expanded, and where it is wrong."""

    def __init__(self, message: str, place: Place) -> None:
        near = " ".join(place.source[place.at : place.at + _NEAR].split())
        super().__init__(texts.at_place(message, place.at, near, place.wildcard))
        self.place = place


@dataclass(frozen=True)
class Text:
    """What stands as it is."""

    text: str


@dataclass(frozen=True)
class Option:
    """One choice; it is chosen as often as its weight is of all weights."""

    weight: float
    body: "Sequence"


@dataclass(frozen=True)
class Variants:
    """`{low-high$$separator$$a|b}`: so many of the options, none twice, in any order."""

    options: tuple[Option, ...]
    low: int
    high: int
    separator: str
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Wildcard:
    """`__name__`: one of the values of a file, or of all that a pattern finds."""

    name: str
    place: Place = field(compare=False)
    is_optional: bool
    """It stands in a tag such as `<lora:my__file:1>`: where there is no such file, it is text."""


@dataclass(frozen=True)
class Assignment:
    """`${name=value}`, or `${name=!value}`, which is chosen once for all its uses."""

    name: str
    value: "Sequence"
    is_immediate: bool
    is_default: bool
    """`${name?=value}`: counts where the name has no value yet."""


@dataclass(frozen=True)
class Variable:
    """`${name}`, or `${name:default}`."""

    name: str
    default: "Sequence | None"
    place: Place = field(compare=False)


Shown: TypeAlias = Text | Variants | Wildcard | Variable
"""What a text comes of."""

Part: TypeAlias = Shown | Assignment


@dataclass(frozen=True)
class Sequence:
    """Parts one after another."""

    parts: tuple[Part, ...]
