"""Owns a generation form: its widgets' keys, and what it keeps between runs."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import Problem
from core.images.files import InputImage
from core.studio import demo
from ui.form.storage import form_storage
from ui.form.values import (
    UNIT_FIELDS,
    WIDGET_FIELDS,
    FormValues,
    UnitValues,
    default_of,
    value_at,
    with_changes,
)
from ui.state import begins_visit, session_value, studio, user


class Form:
    """One form of this browser session; `generate` and `controlnet` have the same fields.

    A field's widget has the key `<form>.<field>`. The truth between runs is `kept`, which a page
    left, a reload and a restart don't touch.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._storage = form_storage()

    def key(self, field: str) -> str:
        """The session key of a field's widget."""
        return f"{self.name}.{field}"

    def get(self, field: str) -> Any:
        """What a field's widget holds now; without a widget on the page, what was kept."""
        return st.session_state.get(self.key(field), value_at(self.kept, field))

    @property
    def kept(self) -> FormValues:
        """The values as they were at the last run, or at the last visit."""
        key = self.key("kept")
        values = session_value(key, FormValues)
        if values is None:
            values = self._storage.values(user(), self.name, first_values())
            st.session_state[key] = values
        return values

    def open(self) -> None:
        """Fill the widgets that Streamlit forgot while the page was left; keep what changed."""
        kept = self.kept
        values = {self.key(field): value_at(kept, field) for field in WIDGET_FIELDS}
        values |= {self.lora_key(name): weight for name, weight in kept.lora_weights.items()}
        for index, unit in enumerate(kept.units):
            values |= {self.unit_key(index, field): getattr(unit, field) for field in UNIT_FIELDS}
        is_entered = begins_visit(self.key("visit"))
        for key, value in values.items():
            # Where a run was interrupted before it reached a widget, Streamlit remembers the value
            # of then beside the widget's own, and gives it out once the page was left.
            if is_entered or key not in st.session_state:
                st.session_state[key] = value
        self._keep(self.values())

    def lora_key(self, name: str) -> str:
        """The session key of a LoRA's weight."""
        return self.key(f"lora.{name}")

    def unit_key(self, index: int, field: str) -> str:
        """The session key of a field of a ControlNet unit."""
        return self.key(f"units.{index}.{field}")

    def unit(self, index: int) -> UnitValues:
        """A ControlNet unit as its widgets have it now."""
        kept, state = self.kept.units[index], st.session_state
        values = {f: state.get(self.unit_key(index, f), getattr(kept, f)) for f in UNIT_FIELDS}
        return UnitValues.model_validate({**dict(kept), **values})

    def values(self) -> FormValues:
        """What the widgets hold now, beside what has no widget."""
        values = {field: self.get(field) for field in WIDGET_FIELDS}
        weights = {n: st.session_state.get(self.lora_key(n), 1.0) for n in values["loras"]}
        units = [self.unit(index) for index in range(len(self.kept.units))]
        return with_changes(self.kept, {**values, "lora_weights": weights, "units": units})

    def limit(self, field: str, options: Sequence[Any]) -> None:
        """Drop choices that are not on offer any more; a picker would stumble over them."""
        value = self.get(field)
        if isinstance(value, list):
            st.session_state[self.key(field)] = [name for name in value if name in options]
        elif value not in options:
            st.session_state[self.key(field)] = default_of(field)

    def _keep(self, values: FormValues) -> None:
        if values != self.kept:
            st.session_state[self.key("kept")] = values
            self._storage.keep_values(user(), self.name, values)

    def put(self, **changes: Any) -> None:
        """Change fields from outside: before their widgets are on the page, or from a callback."""
        self._keep(with_changes(self.kept, changes))
        for field in WIDGET_FIELDS:
            if field in changes:
                st.session_state[self.key(field)] = changes[field]
        for name, weight in changes.get("lora_weights", {}).items():
            st.session_state[self.lora_key(name)] = weight
        for index, unit in enumerate(changes.get("units", ())):
            for field in UNIT_FIELDS:
                st.session_state[self.unit_key(index, field)] = getattr(unit, field)

    def put_unit(self, index: int, **changes: Any) -> None:
        """Change what a unit has no widget for."""
        units = self.kept.units
        unit = units[index].model_copy(update=changes)
        self._keep(with_changes(self.kept, {"units": [*units[:index], unit, *units[index + 1 :]]}))

    def image(self, field: str) -> bytes | None:
        """An image that the form holds, PNG."""
        return self.file(f"{field}.png")

    def put_image(self, field: str, image: InputImage | bytes | None) -> None:
        """Hold another image; None drops it."""
        data = image.data if isinstance(image, InputImage) else image
        self.put_file(f"{field}.png", data)

    def file(self, name: str) -> bytes | None:
        """A file the form holds, kept as its values are."""
        key = self.key(name)
        if key not in st.session_state:
            st.session_state[key] = self._storage.file(user(), self.name, name)
        return session_value(key, bytes)

    def put_file(self, name: str, data: bytes | None) -> None:
        """Hold another file; None drops it."""
        st.session_state[self.key(name)] = data
        self._storage.keep_file(user(), self.name, name, data)

    @property
    def problems(self) -> dict[str, str]:
        """What was wrong at the last try, by the draft's field; "" is the form as a whole."""
        return session_value(self.key("problems"), dict, {})

    def set_problems(self, problems: Sequence[Problem] = ()) -> None:
        """Remember what was wrong, or nothing."""
        st.session_state[self.key("problems")] = {p.field: p.message for p in problems}


def first_values() -> FormValues:
    """What somebody sees who never typed anything: with the demo models, a form that only waits
    for the button."""
    settings = studio().settings
    if not (settings.embedded and settings.demo):
        return FormValues()
    return FormValues(
        endpoint=demo.ENDPOINT,
        checkpoints=[demo.CHECKPOINT],
        prompt=demo.PROMPT,
        width=demo.SIDE,
        height=demo.SIDE,
        cfg_scale=demo.CFG_SCALE,
    )
