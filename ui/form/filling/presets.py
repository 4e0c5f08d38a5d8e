"""The button that opens the presets of a form, and what is done with one."""

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from core.prompts.service import FormPreset
from formats.models.kinds import ModelKind
from ui.form.filling.preset_fields import Change, IsKnown, fields_of, values_of
from ui.form.state import Form
from ui.state import session_value, studio, user
from ui.texts.form import presets as texts

_OPEN: Final = "presets.open"
"""The form that the dialog is open for."""
CHOSEN: Final = "presets.chosen"
"""Id of the preset that is looked at."""
UNDO: Final = "presets.undo"
"""Id and name of the preset that was deleted last."""


def is_open(form: Form) -> bool:
    """Whether the dialog is there."""
    return session_value(_OPEN, str, "") == form.name


def open_presets(form: Form) -> None:
    """From a callback."""
    st.session_state[_OPEN] = form.name


def close_presets() -> None:
    """From a callback."""
    st.session_state[_OPEN] = ""


def known_models() -> IsKnown:
    """The files of the library that a job may name now."""
    models = studio().models
    return IsKnown({k: frozenset(f.name for f in models.of_kind(user(), k)) for k in ModelKind})


def apply(form: Form, changes: Iterable[Change]) -> None:
    """From a callback: put these into the form."""
    fields: dict[str, Any] = {}
    for change in changes:
        fields |= change.fields
    form.put(**fields)
    form.set_problems()


def replace(form: Form, preset: FormPreset) -> None:
    """From a callback: give a preset the form's values of its fields."""
    values = values_of(form.values(), fields_of(preset))
    studio().prompts.presets.replace(user(), preset, values)


def delete(preset: FormPreset) -> None:
    """From a callback: to the trash."""
    studio().prompts.presets.delete(user(), preset.id)
    st.session_state[UNDO] = (preset.id, preset.name)
    st.session_state.pop(CHOSEN, None)


def undo() -> None:
    """From a callback: bring back what was deleted last."""
    preset_id, _ = st.session_state.pop(UNDO)
    studio().prompts.presets.restore(user(), preset_id)


def preset_button(form: Form) -> None:
    """Opens the dialog."""
    st.button(
        texts.PRESETS,
        icon=":material/tune:",
        key=form.key("presets"),
        help=texts.PRESETS_HELP,
        on_click=open_presets,
        args=(form,),
    )
