"""The ControlNet units of a form: a tab for each, up to four, and what steers the image in it."""

from typing import Any, Final

import streamlit as st

from core.jobs.preparing.unit_notes import unit_note
from formats.generation.controlnet_unit import ControlMode
from formats.generation.fields import ResizeMode
from formats.limits import MAX_CONTROLNET_UNITS, MAX_CONTROLNET_WEIGHT
from formats.models.kinds import ModelKind
from ui.errors import show_at
from ui.form.controlnet.drafts import unit_draft
from ui.form.controlnet.source import people_in, unit_source
from ui.form.image.image_field import unit_image
from ui.form.models.pickers import controlnet_picker
from ui.form.state import Form
from ui.form.values import Source, UnitValues
from ui.pose.board import Board
from ui.state import studio, user
from ui.texts.form import controlnet as texts
from ui.texts.formatting import escape

UNITS: Final = ("units",)

_MAP_RESIZES: Final = tuple(mode for mode in ResizeMode if mode is not ResizeMode.LATENT)
"""A map is no latent."""

_PRESETS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "exactly": (
        texts.FOLLOW_EXACTLY,
        {"weight": 1.25, "span": (0.0, 1.0), "mode": ControlMode.CONTROL},
    ),
    "loosely": (
        texts.FOLLOW_LOOSELY,
        {"weight": 0.6, "span": (0.0, 0.8), "mode": ControlMode.BALANCED},
    ),
    "first_half": (
        texts.FIRST_HALF_ONLY,
        {"weight": 1.0, "span": (0.0, 0.5), "mode": ControlMode.BALANCED},
    ),
}
"""How closely the image keeps to the map: a button's label and what it sets."""


def control_units(form: Form) -> None:
    """A tab for each unit. Problems of a unit stand in it, those of all below."""
    count = len(form.kept.units)
    with st.container(border=True, key="units"):
        marks = ["●" if form.unit(index).enabled else "○" for index in range(count)]
        names = [f"{mark} {texts.unit_name(number)}" for number, mark in enumerate(marks, 1)]
        position = 0
        for index, tab in enumerate(st.tabs(names)):
            with tab:
                _unit(form, index, position)
            position += form.unit(index).enabled
        of_all = {field: text for field, text in form.problems.items() if field == "units"}
        show_at(of_all, *UNITS)
        _number_buttons(form, count)


def _number_buttons(form: Form, count: int) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            texts.ADD_UNIT,
            key=form.key("units.add"),
            icon=":material/add:",
            type="tertiary",
            disabled=count >= MAX_CONTROLNET_UNITS,
            on_click=_add,
            args=(form,),
        )
        if count > 1:
            st.button(
                texts.remove_unit(count),
                key=form.key("units.remove"),
                icon=":material/remove:",
                type="tertiary",
                on_click=_remove_last,
                args=(form,),
            )


def _add(form: Form) -> None:
    """Another unit, for an image: the first has the pose."""
    form.put(units=[*form.values().units, UnitValues(source=Source.IMAGE)])


def _remove_last(form: Form) -> None:
    *units, _ = form.values().units
    Board(form, len(units)).clear()
    form.put(units=units)
    form.put_image(unit_image(len(units)).name, None)


def _unit(form: Form, index: int, position: int) -> None:
    """One unit. `position` counts the enabled units before it, as the problems are numbered."""
    st.toggle(texts.ENABLE, key=form.unit_key(index, "enabled"))
    if not form.unit(index).enabled:
        st.caption(texts.DISABLED)
        return
    unit_source(form, index)
    controlnet_picker(form, index)
    _presets(form, index)
    _strength(form, index)
    show_at(form.problems, f"units.{position}")
    _note(form, index)


def _presets(form: Form, index: int) -> None:
    """Buttons that set weight, span and control mode together."""
    with st.container(horizontal=True, gap="small"):
        for name, (label, values) in _PRESETS.items():
            st.button(
                label,
                key=form.unit_key(index, f"preset.{name}"),
                on_click=_apply_preset,
                args=(form, index, values),
            )


def _apply_preset(form: Form, index: int, values: dict[str, Any]) -> None:
    for field, value in values.items():
        st.session_state[form.unit_key(index, field)] = value


def _strength(form: Form, index: int) -> None:
    left, right = st.columns(2)
    left.slider(
        texts.WEIGHT, 0.0, MAX_CONTROLNET_WEIGHT, step=0.05, key=form.unit_key(index, "weight")
    )
    right.slider(
        texts.SPAN,
        0.0,
        1.0,
        step=0.05,
        key=form.unit_key(index, "span"),
        help=texts.SPAN_HELP,
    )
    left.selectbox(texts.CONTROL_MODE, list(ControlMode), key=form.unit_key(index, "mode"))
    right.selectbox(texts.RESIZE_MODE, _MAP_RESIZES, key=form.unit_key(index, "resize"))


def _note(form: Form, index: int) -> None:
    """Say so where the unit will not steer anything, or not what one would think."""
    unit = form.unit(index)
    models = studio().models
    model = models.find(user(), ModelKind.CONTROLNET, unit.model) if unit.model else None
    found = (models.find(user(), ModelKind.CHECKPOINT, c) for c in form.get("checkpoints"))
    checkpoints = [checkpoint for checkpoint in found if checkpoint]
    draft = unit_draft(form, index, unit)
    people = people_in(draft) if unit.source is Source.IMAGE else None
    note = unit_note(draft, model, checkpoints, people)
    if note:
        st.warning(escape(note), icon=":material/info:")
