"""Owns which jobs of the list are selected to be changed together; the browser keeps their ids."""

from typing import Any, Final

import streamlit as st

from ui.state import session_value

_USED: Final = "jobs.selections_used"


def selection_token(question: object) -> str:
    """Names the list that a selection is of; another question, or a used selection, ends it."""
    return f"{hash(question):x}.{session_value(_USED, int, 0)}"


def selected_ids(state: Any, token: str) -> list[str]:
    """What the browser says is selected, in the order of the clicks; of that list alone."""
    if not isinstance(state, dict) or state.get("token") != token:
        return []
    return [str(job_id) for job_id in state.get("ids", ())]


def clear_selection() -> None:
    """The next run shows nothing selected: what was has been changed."""
    st.session_state[_USED] = session_value(_USED, int, 0) + 1
