"""Owns whose jobs the Jobs page shows: it stands in the address, so that it survives a reload."""

from typing import Final

import streamlit as st

from core.jobs.records import JobScope
from ui.state import session_value, studio, user
from ui.texts.team import sharing as texts

_KEY: Final = "jobs.scope"


def scope_picker() -> JobScope:
    """The lists that the user may ask for; nothing to pick where there is one."""
    scopes = studio().jobs.scopes(user())
    if len(scopes) == 1:
        return scopes[0]
    if st.session_state.get(_KEY) not in (None, *scopes):  # the role is another now
        del st.session_state[_KEY]
    picked = st.segmented_control(
        texts.SCOPE,
        scopes,
        key=_KEY,
        required=True,
        default=JobScope.MINE,
        format_func=lambda scope: scope.value,
        label_visibility="collapsed",
        bind="query-params",
    )
    return picked or JobScope.MINE


def current_scope() -> JobScope:
    """What is picked now."""
    scopes = studio().jobs.scopes(user())
    picked = session_value(_KEY, JobScope, JobScope.MINE)
    return picked if picked in scopes else scopes[0]
