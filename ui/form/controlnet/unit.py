"""Draws a ControlNet unit: what steers the picture, and how strongly."""

import streamlit as st

from core.jobs.unit_notes import unit_note
from formats.generation.controlnet_unit import ControlMode
from formats.generation.fields import ResizeMode
from formats.limits import MAX_CONTROLNET_WEIGHT
from formats.models.kinds import ModelKind
from ui.errors import show_at
from ui.form.controlnet.drafts import unit_draft
from ui.form.controlnet.people import people_in
from ui.form.controlnet.presets import unit_presets
from ui.form.controlnet.source import unit_source
from ui.form.model_pickers import controlnet_picker
from ui.form.state import Form
from ui.form.values import Source
from ui.state import studio, user
from ui.texts.formatting import plain

_MAP_RESIZES = tuple(mode for mode in ResizeMode if mode is not ResizeMode.LATENT)
"""A map is no latent."""


def control_unit(form: Form, index: int, position: int) -> None:
    """One unit. `position` counts the units at work before it, as the problems are numbered."""
    st.toggle("Enable", key=form.unit_key(index, "enabled"))
    if not form.unit(index).enabled:
        st.caption("Switched off: this unit is not sent.")
        return
    unit_source(form, index)
    controlnet_picker(form, index)
    unit_presets(form, index)
    _strength(form, index)
    show_at(form.problems, f"units.{position}")
    _note(form, index)


def _strength(form: Form, index: int) -> None:
    left, right = st.columns(2)
    left.slider(
        "Control weight", 0.0, MAX_CONTROLNET_WEIGHT, step=0.05, key=form.unit_key(index, "weight")
    )
    right.slider(
        "Start and end",
        0.0,
        1.0,
        step=0.05,
        key=form.unit_key(index, "span"),
        help="The share of the steps between which the unit steers.",
    )
    left.selectbox("Control mode", list(ControlMode), key=form.unit_key(index, "mode"))
    right.selectbox("Resize mode of the map", _MAP_RESIZES, key=form.unit_key(index, "resize"))


def _note(form: Form, index: int) -> None:
    """Say so where the unit will not steer anything, or not what one would think."""
    unit = form.unit(index)
    models = studio().models
    model = models.find(user(), ModelKind.CONTROLNET, unit.model) if unit.model else None
    named = (models.find(user(), ModelKind.CHECKPOINT, c) for c in form.get("checkpoints"))
    chosen = [checkpoint for checkpoint in named if checkpoint]
    draft = unit_draft(form, index, unit)
    seen = people_in(draft) if unit.source is Source.PICTURE else None
    note = unit_note(draft, model, chosen, seen)
    if note:
        st.warning(plain(note), icon=":material/info:")
