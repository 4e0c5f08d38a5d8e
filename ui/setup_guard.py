"""Decides whether the account is set up; until it is, only the set-up page can be used."""

import streamlit as st

from core.setup import Check
from ui.state import studio


def is_ready() -> bool:
    """Whether everything is in place. Once it was, a session doesn't ask again."""
    if studio().settings.embedded or st.session_state.get("set_up"):
        return True
    st.session_state["set_up"] = all(check.ok for check in checks())
    return bool(st.session_state["set_up"])


def checks() -> tuple[Check, ...]:
    """What must be in place, as AWS says now."""
    return studio().setup.checks()
