"""Leads from one page to another after a callback, where Streamlit can't switch pages itself."""

from typing import Final, Literal

import streamlit as st

from ui.state import session_value

PageName = Literal["generate", "controlnet", "jobs"]
_REQUESTED: Final = "requested_page"


def request_page(page: PageName) -> None:
    """From a callback: show that page next."""
    st.session_state[_REQUESTED] = page


def go_to_requested_page() -> None:
    """Go where a callback wanted to; for the entry script, and for fragments with buttons."""
    page = session_value(_REQUESTED, str)
    if page:
        del st.session_state[_REQUESTED]
        st.switch_page(f"../pages/{page}.py")
