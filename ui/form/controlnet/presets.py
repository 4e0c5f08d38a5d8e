"""Draws presets of a ControlNet unit: how closely the picture keeps to its map."""

from typing import Any, Final

import streamlit as st

from formats.generation.controlnet_unit import ControlMode
from ui.form.state import Form

_PRESETS: Final[dict[str, dict[str, Any]]] = {
    "Follow exactly": {"weight": 1.25, "span": (0.0, 1.0), "mode": ControlMode.CONTROL},
    "Follow loosely": {"weight": 0.6, "span": (0.0, 0.8), "mode": ControlMode.BALANCED},
    "First half only": {"weight": 1.0, "span": (0.0, 0.5), "mode": ControlMode.BALANCED},
}


def unit_presets(form: Form, index: int) -> None:
    """Buttons that set weight, span and control mode together."""
    with st.container(horizontal=True, gap="small"):
        for name, values in _PRESETS.items():
            st.button(
                name,
                key=form.unit_key(index, f"preset.{name}"),
                on_click=_apply,
                args=(form, index, values),
            )


def _apply(form: Form, index: int, values: dict[str, Any]) -> None:
    for field, value in values.items():
        st.session_state[form.unit_key(index, field)] = value
