"""Owns whether the Jobs page shows the trash: it stands in the address, as the scope does."""

from typing import Final

import streamlit as st

from ui.state import session_value
from ui.texts.jobs import trash as texts

_KEY: Final = "jobs.trash"


def trash_switch() -> bool:
    """The switch between the jobs and those in the trash."""
    return st.toggle(texts.SHOW, key=_KEY, bind="query-params", help=texts.ABOUT)


def is_trash_shown() -> bool:
    """What is switched now."""
    return session_value(_KEY, bool, default=False)
