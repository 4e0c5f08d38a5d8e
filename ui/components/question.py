"""The two answers below a dialog's question: leave all as it is, or do it."""

from collections.abc import Callable

import streamlit as st

from ui.errors import attempt
from ui.texts import common


def answer_buttons(key: str, yes: str, act: Callable[[], object]) -> None:
    """Either closes the dialog; `yes` is what doing it is called."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(common.KEEP, key=f"{key}.no"):
            st.rerun()
        if st.button(yes, type="primary", key=f"{key}.yes", on_click=attempt, args=(act,)):
            st.rerun()
