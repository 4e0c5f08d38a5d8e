"""The trash of styles: what was deleted last with its undo, and what can be restored."""

from datetime import timedelta
from functools import partial
from typing import Final

import streamlit as st

from core.prompts.service import TRASH_DAYS, TeamStyle
from ui.errors import attempt
from ui.form.prompt.style_library.opened import show_style
from ui.state import studio, user
from ui.texts.form import style_library as texts
from ui.texts.formatting import local_time

_UNDO: Final = "styles.undo"
"""Id and name of what was deleted last."""


def delete_style(style: TeamStyle) -> None:
    """From a callback: to the trash, and back to the list."""
    studio().prompts.styles.delete(user(), style.id)
    st.session_state[_UNDO] = (style.id, style.name)
    show_style("")


def undo_bar() -> None:
    """What was deleted last, with a button that brings it back."""
    if not (moved := st.session_state.get(_UNDO)):
        return
    style_id, name = moved
    with st.container(horizontal=True, vertical_alignment="center", key="styles-undo"):
        st.info(texts.deleted(name), icon=":material/delete:")
        st.button(
            texts.UNDO,
            icon=":material/undo:",
            type="primary",
            key="styles.undo.yes",
            on_click=attempt,
            args=(partial(_restore, style_id),),
        )


def _restore(style_id: str) -> None:
    studio().prompts.styles.restore(user(), style_id)
    st.session_state.pop(_UNDO, None)


def trash_section() -> None:
    """Where there is anything in it that the user may restore."""
    trashed = studio().prompts.styles.list(user(), in_trash=True)
    if not trashed:
        return
    with st.expander(texts.trash(len(trashed)), icon=":material/delete:", key="styles-trash"):
        for style in trashed:
            until = (style.trashed_at or style.updated_at) + timedelta(days=TRASH_DAYS)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    texts.kept_until(style.name, f"{local_time(until):%Y-%m-%d}"), width="stretch"
                )
                st.button(
                    texts.RESTORE,
                    icon=":material/restore_from_trash:",
                    key=f"styles.restore.{style.id}",
                    on_click=attempt,
                    args=(partial(_restore, style.id),),
                )
