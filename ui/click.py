"""Gives each click on a button its id: a double click has one, and one effect."""

import time
from typing import Final

import streamlit as st

from core.ids import new_id

_DOUBLE_CLICK_SECONDS: Final = 1.0


def click_id(button: str, asked: object) -> str:
    """An id for this click; the one before where the same was asked for within a second."""
    now = time.monotonic()
    held = st.session_state.get(f"{button}.click")
    if held and held[1] == asked and now - held[2] < _DOUBLE_CLICK_SECONDS:
        return str(held[0])
    fresh = new_id()
    st.session_state[f"{button}.click"] = (fresh, asked, now)
    return fresh
