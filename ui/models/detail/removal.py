"""The way of a model into the trash, with what would miss it."""

import streamlit as st

from core.models.files import ModelFile
from core.models.metadata.a1111_side_car import write_a1111
from core.models.metadata.records import TRASH_DAYS
from core.team.permissions import Action
from ui.errors import attempt
from ui.models.library.view import open_model
from ui.models.trash import move_to_trash, warn_of_uses
from ui.state import may
from ui.texts import common
from ui.texts.models import detail as texts

_ASKED = "library.trash.asked"


def removal(file: ModelFile) -> None:
    """A1111's side-car to take along, and the trash."""
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            texts.EXPORT,
            lambda: write_a1111(file.known, file.family),
            file_name=f"{file.name.rpartition('.')[0]}.json",
            mime="application/json",
            icon=":material/download:",
            key="library.export",
            on_click="ignore",
            help=texts.EXPORT_HELP,
        )
        is_asked = st.session_state.get(_ASKED) == file.key
        if may(Action.DELETE, file.item) and not is_asked:
            st.button(
                texts.TRASH,
                icon=":material/delete:",
                key="library.trash",
                on_click=lambda: st.session_state.update({_ASKED: file.key}),
            )
    if is_asked:
        _question(file)


def _question(file: ModelFile) -> None:
    """A dialog can't open another: the question stands where its button was."""
    st.warning(texts.trash_question(TRASH_DAYS), icon=":material/delete:")
    warn_of_uses([file])
    with st.container(horizontal=True):
        st.button(
            common.KEEP,
            key="library.trash.no",
            on_click=lambda: st.session_state.pop(_ASKED, None),
        )
        if st.button(
            texts.TRASH_IT,
            type="primary",
            key="library.trash.yes",
            on_click=attempt,
            args=(lambda: move_to_trash([file]),),
        ):
            st.session_state.pop(_ASKED, None)
            open_model()
            st.rerun()
