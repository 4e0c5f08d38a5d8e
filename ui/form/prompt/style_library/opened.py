"""What of the library of styles is open in this session."""

from typing import Final

import streamlit as st

from ui.state import session_value

_OPEN: Final = "styles.open"
_SHOWN: Final = "styles.shown"


def is_library_open() -> bool:
    """Whether the dialog is there."""
    return session_value(_OPEN, bool, default=False)


def open_library() -> None:
    """From a callback: show the list."""
    st.session_state[_OPEN] = True
    st.session_state[_SHOWN] = ""


def close_library() -> None:
    """From a callback."""
    st.session_state[_OPEN] = False


def shown_style() -> str:
    """The id of the style that is open; empty for the list."""
    return session_value(_SHOWN, str, "")


def show_style(style_id: str) -> None:
    """From a callback: open one; empty goes back to the list."""
    st.session_state[_SHOWN] = style_id
