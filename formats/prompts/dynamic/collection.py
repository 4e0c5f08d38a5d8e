"""The wildcards that a prompt may name: the values of each, found by name or by pattern."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Annotated, Final

from pydantic import Field

from formats.frozen import Tolerant
from formats.limits import MAX_WILDCARD_VALUE
from formats.prompts import texts
from formats.prompts.dynamic.parser import has_syntax, parse
from formats.prompts.dynamic.syntax import Option, Place, TemplateError, Text
from formats.prompts.dynamic.syntax import Sequence as Parts

_MOST_FOLDERS: Final = 8
_MOST_VALUES: Final = 100_000
"""Of all that one pattern finds."""

_ANY_FOLDERS: Final = "**"


class WildcardValue(Tolerant):
    """One value of a wildcard, which may be a dynamic prompt itself."""

    text: Annotated[str, Field(min_length=1, max_length=MAX_WILDCARD_VALUE)]
    weight: Annotated[float, Field(ge=0, le=1e9)] = 1.0


class WildcardCollection:
    """Wildcards by their names, such as `animals/birds`; upper and lower case are one. The values
    of a name are asked of the mapping once a prompt names it."""

    def __init__(self, wildcards: Mapping[str, Sequence[WildcardValue]]) -> None:
        self._wildcards = wildcards
        self._names: dict[str, list[str]] = {}
        for name in wildcards:
            self._names.setdefault(name.casefold(), []).append(name)
        self._options: dict[str, tuple[Option, ...]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the alphabet."""
        return tuple(sorted(self._wildcards))

    def has(self, name: str) -> bool:
        """Whether there is such a wildcard, or one that the pattern finds."""
        return bool(self._found(name))

    def options(self, name: str, place: Place) -> tuple[Option, ...]:
        """The values of a wildcard as choices, each once, those of all that a pattern finds.

        A name that is none is looked for in every folder. Raises TemplateError for a name that
        nothing has, or for a value that can't be read.
        """
        if name not in self._options:
            keys = self._found(name, place)
            if not keys:
                raise TemplateError(texts.no_wildcard(name, self.nearest(name)), place)
            self._options[name] = self._read(keys, place)
        if not self._options[name]:
            raise TemplateError(texts.WILDCARD_EMPTY, place)
        return self._options[name]

    def nearest(self, name: str) -> str:
        """The wildcard that may be meant; empty where none is like it."""
        keys = get_close_matches(name.casefold()[:128], list(self._names), 1, 0.5)
        return self._names[keys[0]][0] if keys else ""

    def _found(self, name: str, place: Place | None = None) -> list[str]:
        key = name.casefold().strip("/")
        if key in self._names:
            return [key]
        parts = key.split("/")
        if len(parts) > _MOST_FOLDERS:
            if place is None:
                return []
            raise TemplateError(texts.TOO_MANY_STARS, place)
        found = [each for each in self._names if matches(parts, each.split("/"))]
        if found or parts[0] == _ANY_FOLDERS:
            return sorted(found)
        anywhere = [_ANY_FOLDERS, *parts]
        return sorted(each for each in self._names if matches(anywhere, each.split("/")))

    def _read(self, keys: Iterable[str], place: Place) -> tuple[Option, ...]:
        options: dict[str, Option] = {}
        for name in (name for key in keys for name in self._names[key]):
            for value in self._wildcards[name]:
                if value.text not in options:
                    options[value.text] = Option(value.weight, _parts(value.text, name))
            if len(options) > _MOST_VALUES:
                raise TemplateError(texts.TOO_MUCH_WORK, place)
        return tuple(options.values())


def matches(pattern: Sequence[str], folders: Sequence[str]) -> bool:
    """Whether a name matches a pattern, both split at `/`: `*` and `?` within a folder's name,
    `**` for any number of folders."""
    reached = {0}
    for part in pattern:
        if part == _ANY_FOLDERS:
            reached = set(range(min(reached, default=len(folders) + 1), len(folders) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(folders) and fnmatchcase(folders[n], part)}
    return len(folders) in reached


def _parts(text: str, wildcard: str) -> Parts:
    return parse(text, wildcard) if has_syntax(text) else Parts((Text(text),))
