"""The dialog that puts tags on the selected jobs and takes others off."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from ui.errors import messages_of, show_rest
from ui.jobs.bulk.outcome import require_all
from ui.state import request_rerun, session_value, studio, user
from ui.texts.jobs import bulk as texts

_ADD: Final = "jobs.bulk.tags.add"
_REMOVE: Final = "jobs.bulk.tags.remove"
_PROBLEMS: Final = "jobs.bulk.tags.problems"


def ask_for_tags(selected: Sequence[str], on_done: Callable[[], object]) -> None:
    """Open the dialog, which stays open where something was not done, and says why."""
    st.session_state[_PROBLEMS] = {}
    _dialog(selected, on_done)


@st.dialog(texts.TAGS_TITLE)
def _dialog(selected: Sequence[str], on_done: Callable[[], object]) -> None:
    show_rest(st.session_state[_PROBLEMS])
    st.caption(texts.selected(len(selected)))
    with st.form("jobs.bulk.tags", border=False):
        st.text_input(texts.ADD_TAGS, key=_ADD, help=texts.TAGS_HELP)
        st.text_input(texts.REMOVE_TAGS, key=_REMOVE, help=texts.TAGS_HELP)
        is_asked = st.form_submit_button(
            texts.SAVE_TAGS,
            type="primary",
            key="jobs.bulk.tags.save",
            on_click=_save,
            args=(selected, on_done),
        )
    if is_asked and not st.session_state[_PROBLEMS]:
        st.rerun()


def _save(selected: Sequence[str], on_done: Callable[[], object]) -> None:
    add, remove = (session_value(key, str, "").split(",") for key in (_ADD, _REMOVE))
    try:
        require_all(studio().bulk.tag(user(), selected, add, remove))
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
    else:
        st.session_state[_PROBLEMS] = {}
        on_done()
        request_rerun()
        st.toast(texts.done(len(selected)), icon=":material/check:")
