"""Collects what the entries of one infotext become: settings, and what can't be honoured."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.texts.jobs import infotext as texts
from formats.frozen import Frozen
from formats.models.kinds import ModelKind

FindFile = Callable[[ModelKind, str], str | None]
"""The name of the library's file that an infotext means by a name; None where it has none."""

_SHOWN: Final = 200
"""Characters of a value that is shown."""


class Setting(Frozen):
    """What a person may take or leave: its label, and the form's fields with their values.

    A field of a group has its name before it, `hires.scale`.
    """

    label: str
    values: Mapping[str, Any]


class Unmet(Frozen):
    """An entry that is not taken as it stands, and why."""

    name: str
    value: str
    reason: str


class Reading:
    """One infotext while it is read; an entry is taken once."""

    def __init__(self, parameters: Mapping[str, str], find: FindFile) -> None:
        self._left = dict(parameters)
        self.find = find
        self.settings: list[Setting] = []
        self.unmet: list[Unmet] = []

    def has(self, *names: str) -> bool:
        """Whether one of the entries is there and was not taken yet."""
        return any(name in self._left for name in names)

    def take(self, name: str, default: str = "") -> str:
        """The value of an entry, without the space around it."""
        return self._left.pop(name, default).strip()

    def replace(self, name: str, value: str) -> None:
        """Read an entry as if the text had it so."""
        self._left[name] = value

    def left(self) -> Mapping[str, str]:
        """The entries that nobody took."""
        return self._left

    def set(self, label: str, **values: Any) -> None:
        """Set fields of the form; `__` stands for the point of a group."""
        named = {field.replace("__", "."): value for field, value in values.items()}
        self.settings.append(Setting(label=label, values=named))

    def refuse(self, name: str, value: str, reason: str) -> None:
        """Say of an entry why it is not taken as it stands."""
        shown = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        self.unmet.append(Unmet(name=name, value=shown, reason=reason))

    def number(self, name: str, lowest: float | None, highest: float | None) -> float | None:
        """A number's entry within its bounds; the nearest one, with a word, for another.

        None where there is none, or no number, of which a word is said too.
        """
        if name not in self._left:
            return None
        text = self.take(name)
        value = as_number(text)
        if value is None:
            self.refuse(name, text, texts.NO_NUMBER)
            return None
        nearest = max(value, lowest) if lowest is not None else value
        nearest = min(nearest, highest) if highest is not None else nearest
        if nearest != value:
            self.refuse(name, text, texts.nearest(f"{nearest:g}"))
        return nearest


def as_number(text: str) -> float | None:
    """A finite number; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
