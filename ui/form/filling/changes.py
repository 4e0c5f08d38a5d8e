"""Settings from outside beside the form's own: old and new value, applied at once, and undone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import streamlit as st

from core.jobs.preparing.draft import DraftUnit
from core.jobs.preparing.infotext.reading import Setting
from ui.form.controlnet.drafts import unit_settings
from ui.form.models.titles import short_name
from ui.form.state import Form
from ui.form.values import FormValues, Source, UnitValues, value_at, with_changes
from ui.texts import formatting
from ui.texts.form import controlnet as controlnet_texts
from ui.texts.form import form as form_texts
from ui.texts.form import infotext as texts

_UNIT: Final = "units."
"""Before the index of a unit, which is changed as a whole."""


class FieldChange(NamedTuple):
    """One row: what it is called, what the form has, what it would have, and the fields for it."""

    label: str
    old: str
    new: str
    values: Mapping[str, Any]


def changes_of(
    form: Form, settings: Sequence[Setting], units: Sequence[DraftUnit] = ()
) -> tuple[FieldChange, ...]:
    """What the settings would change in the form, without those that it has already."""
    now = form.values()
    found = [change for each in settings if (change := _change(now, each))]
    return (*found, *_unit_changes(now, units))


def _change(now: FormValues, setting: Setting) -> FieldChange | None:
    wanted = with_changes(now, dict(setting.values))
    old = {field: value_at(now, field) for field in setting.values}
    new = {field: value_at(wanted, field) for field in setting.values}
    if old == new:
        return None
    return FieldChange(setting.label, _shown(old), _shown(new), new)


def _unit_changes(now: FormValues, units: Sequence[DraftUnit]) -> Iterator[FieldChange]:
    """The images and poses of the units stay; a unit more is one for an image."""
    for index, draft in enumerate(units):
        is_there = index < len(now.units)
        old = now.units[index] if is_there else UnitValues(enabled=False, source=Source.IMAGE)
        settings = unit_settings(draft)
        settings["model"] = draft.model or old.model
        new = UnitValues.model_validate({**dict(old), "enabled": True, **settings})
        if new != old:
            label = controlnet_texts.unit_name(index + 1)
            values = {f"{_UNIT}{index}": new}
            yield FieldChange(label, _unit_text(old), _unit_text(new), values)


def _unit_text(unit: UnitValues) -> str:
    if not unit.enabled:
        return texts.OFF
    model = short_name(unit.model) if unit.model else texts.NONE
    return texts.unit(model, unit.preprocessor.value, unit.weight, *unit.span)


def _shown(values: Mapping[str, Any]) -> str:
    """Values as a person reads them."""
    match values:
        case {"width": width, "height": height}:
            return formatting.image_size(width or 0, height or 0)
        case {"loras": names, "lora_weights": weights}:
            told = [f"{short_name(name)} {weights.get(name, 1.0):g}" for name in names]
            return ", ".join(told) or texts.NONE
        case {"vae": ""}:
            return form_texts.OWN_VAE
    return ", ".join(map(_value, values.values()))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return texts.ON if value else texts.OFF
    if value is None:
        return form_texts.INHERITED
    if isinstance(value, list):
        return ", ".join(map(short_name, value)) or texts.NONE
    return f"{value:g}" if isinstance(value, float) else short_name(str(value)) or texts.NONE


def apply_changes(form: Form, changes: Sequence[FieldChange], name: str) -> None:
    """From a callback: change the form, and remember what it had; `name` says where it is from."""
    if not changes:
        return
    now = form.values()
    wanted = {field: value for change in changes for field, value in change.values.items()}
    plain = {field: value for field, value in wanted.items() if not field.startswith(_UNIT)}
    before: dict[str, Any] = {field: value_at(now, field) for field in plain}
    if len(plain) < len(wanted):
        before["units"], plain["units"] = now.units, _units(now, wanted)
    form.put(**plain)
    form.set_problems()
    st.session_state[form.key("undo")] = (texts.applied(len(changes), name), before)


def _units(now: FormValues, wanted: Mapping[str, Any]) -> list[UnitValues]:
    """The form's units with those that are changed or new."""
    count = max(int(field.removeprefix(_UNIT)) + 1 for field in wanted if field.startswith(_UNIT))
    rest = [UnitValues(enabled=False, source=Source.IMAGE)] * (count - len(now.units))
    units = [*now.units, *rest]
    return [wanted.get(f"{_UNIT}{index}", unit) for index, unit in enumerate(units)]


def undo_line(form: Form) -> None:
    """What was changed last, with a button that takes it back; nothing where nothing was."""
    kept = st.session_state.get(form.key("undo"))
    if not kept:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=form.key("undo-line")):
        st.caption(f":material/check: {kept[0]}", width="stretch")
        st.button(
            texts.UNDO,
            icon=":material/undo:",
            key=form.key("undo.yes"),
            on_click=_undo,
            args=(form,),
        )
        st.button(
            texts.DISMISS,
            key=form.key("undo.no"),
            type="tertiary",
            on_click=lambda: st.session_state.pop(form.key("undo"), None),
        )


def _undo(form: Form) -> None:
    _, before = st.session_state.pop(form.key("undo"))
    form.put(**before)
