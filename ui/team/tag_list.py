"""The team's tag list on the page Set-up: what it is, and an admin's import and delete."""

from typing import Final

import streamlit as st

from core.team.permissions import Action, Item, Kind
from formats.limits import MAX_TAG_LIST_BYTES
from ui.errors import attempt
from ui.state import may, studio, user
from ui.texts.formatting import date_time, escape
from ui.texts.team import tag_list as texts

_FILE: Final = "tag_list.file"
_ROUND: Final = "tag_list.round"
"""Counts imports: another key is an uploader without a file."""


def tag_list_panel() -> None:
    """What is imported, and for an admin how to change that."""
    current = studio().tag_lists.current()
    st.subheader(texts.TITLE, anchor=False)
    st.caption(texts.ABOUT)
    if current:
        told = (escape(current.name), current.tags, escape(current.by), date_time(current.at))
        st.markdown(texts.current(*told))
    else:
        st.markdown(texts.NONE)
    if not may(Action.CHANGE, Item(kind=Kind.TEAM)):
        st.caption(texts.ADMINS_ONLY)
        return
    key = f"{_FILE}.{st.session_state.setdefault(_ROUND, 0)}"
    chosen = st.file_uploader(
        texts.FILE, type=["csv", "txt"], key=key, max_upload_size=MAX_TAG_LIST_BYTES // 2**20
    )
    with st.container(horizontal=True):
        st.button(
            texts.REPLACE if current else texts.IMPORT,
            type="primary",
            key="tag_list.import",
            disabled=chosen is None,
            on_click=attempt,
            args=(lambda: _import(key),),
        )
        if current:
            st.button(texts.DELETE, key="tag_list.delete", on_click=attempt, args=(_delete,))


def _import(key: str) -> None:
    file = st.session_state[key]
    made = studio().tag_lists.replace(user(), file.name, file.getvalue())
    st.session_state[_ROUND] += 1
    st.toast(texts.imported(made.tags), icon=":material/check:")


def _delete() -> None:
    studio().tag_lists.delete(user())
    st.toast(texts.DELETED, icon=":material/delete:")
