"""Draws a ControlNet unit: what steers the picture, and how strongly."""

from typing import Final

import streamlit as st

from core.unit_notes import why_idle
from formats.controlnet_unit import ControlMode
from formats.fields import ResizeMode
from formats.kinds import ModelKind
from formats.limits import MAX_CONTROLNET_WEIGHT
from ui.form import Form
from ui.form_draft import unit_draft
from ui.form_values import Source
from ui.model_pickers import controlnet_picker
from ui.problems import show_at
from ui.state import studio, user
from ui.unit_picture import unit_picture_field
from ui.unit_pictures import SKETCH
from ui.unit_presets import unit_presets
from ui.words import plain

_PREPROCESSORS: Final = {Source.POSE: "openpose", Source.SKETCH: "none", Source.PICTURE: "none"}
_ABOUT: Final = {
    Source.POSE: "The pose editor's figures, drawn at the size of the picture.",
    Source.SKETCH: "The strokes of the sketch, white on black, for a scribble ControlNet.",
    Source.PICTURE: "A finished map of any kind, sent as it is.",
}


def control_unit(form: Form, index: int, position: int) -> None:
    """One unit. `position` counts the units at work before it, as the problems are numbered."""
    st.toggle("Enable", key=form.unit_key(index, "enabled"))
    if not form.unit(index).enabled:
        st.caption("Switched off: this unit is not sent.")
        return
    _source(form, index)
    controlnet_picker(form, index)
    unit_presets(form, index)
    _strength(form, index)
    show_at(form.problems, f"units.{position}")
    _note(form, index)


def _source(form: Form, index: int) -> None:
    key = form.unit_key(index, "source")
    st.segmented_control(
        "Source", list(Source), key=key, required=True, format_func=lambda one: one.value
    )
    source = form.unit(index).source
    st.caption(f"Preprocessor: `{_PREPROCESSORS[source]}`. {_ABOUT[source]}")
    if source is Source.PICTURE:
        unit_picture_field(form, index)
    elif source is Source.SKETCH and form.picture(SKETCH) is None:
        st.caption("Draw one above, then press “Use the sketch as it is”.")


def _strength(form: Form, index: int) -> None:
    left, right = st.columns(2)
    left.slider(
        "Control weight", 0.0, MAX_CONTROLNET_WEIGHT, step=0.05, key=form.unit_key(index, "weight")
    )
    right.slider(
        "Start and end", 0.0, 1.0, step=0.05, key=form.unit_key(index, "span"),
        help="The share of the steps between which the unit steers.",
    )  # fmt: skip
    left.selectbox("Control mode", list(ControlMode), key=form.unit_key(index, "mode"))
    right.selectbox("Resize mode of the map", list(ResizeMode), key=form.unit_key(index, "resize"))


def _note(form: Form, index: int) -> None:
    """Say so where the unit will not steer anything."""
    unit = form.unit(index)
    models = studio().models
    model = models.find(user(), ModelKind.CONTROLNET, unit.model) if unit.model else None
    named = (models.find(user(), ModelKind.CHECKPOINT, c) for c in form.get("checkpoints"))
    chosen = [checkpoint for checkpoint in named if checkpoint]
    posed = unit.source is Source.POSE
    why = why_idle(unit_draft(form, index, unit), model, chosen, posed=posed)
    if why:
        st.warning(plain(why), icon=":material/info:")
