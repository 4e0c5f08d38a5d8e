"""Leads from one page to another after a callback, where Streamlit can't switch pages itself."""

from typing import Literal

import streamlit as st

Place = Literal["generate", "controlnet", "jobs"]
_ASKED = "go_to"


def ask_for(place: Place) -> None:
    """From a callback: show that page next."""
    st.session_state[_ASKED] = place


def go_if_asked() -> None:
    """Go where a callback wanted to; called by the entry script and by fragments with buttons."""
    place = st.session_state.pop(_ASKED, None)
    if place:
        st.switch_page(f"../pages/{place}.py")
