"""Owns whether all jobs that the list finds are selected, also those of its other pages."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from core.jobs.bulk.service import MAX_BULK
from ui.texts.jobs import bulk as texts

_OF: Final = "jobs.bulk.whole"
"""The question and the selection that it counts for: another one ends it."""


def whole_list(
    selected: Sequence[str], found: int, question: str, ids: Callable[[int], Sequence[str]]
) -> Sequence[str]:
    """The selected jobs, with a button that takes all that were found; once it was pressed these,
    `MAX_BULK` at most, which `ids` gives."""
    this = (question, tuple(selected))
    if st.session_state.get(_OF) == this:
        return ids(MAX_BULK)
    st.session_state.pop(_OF, None)
    if found > len(selected):
        st.button(
            texts.select_whole(found, MAX_BULK),
            icon=":material/select_all:",
            key="jobs.bulk.whole.yes",
            type="tertiary",
            on_click=lambda: st.session_state.update({_OF: this}),
        )
    return selected
