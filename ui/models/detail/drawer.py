"""The drawer that shows one model, over the right side of the page."""

import streamlit as st

from core.models.service import ModelFile
from core.team.permissions import Action
from ui.errors import attempt
from ui.models.library.cards import meta_of, title_of
from ui.models.library.view import open_model
from ui.state import may, studio, user
from ui.texts import common
from ui.texts.formatting import date_time, escape, file_size
from ui.texts.models import detail as texts

_ASKED = "models.delete.asked"


@st.dialog(texts.DRAWER, width="medium", position="right", on_dismiss=open_model)
def model_drawer(file: ModelFile | None) -> None:
    """All that is known of a model, and what can be done with it; None where it is gone."""
    if file is None:
        st.info(texts.GONE, icon=":material/search_off:")
        return
    st.markdown(f"### {escape(title_of(file))}", anchors=False)
    st.caption(meta_of(file))
    if file.problem:
        st.error(escape(file.problem))
    if file.description:
        st.markdown(escape(file.description))
    _facts(file)
    if may(Action.DELETE, file.item):
        _deletion(file)


def _facts(file: ModelFile) -> None:
    facts = {
        texts.FILE: file.name,
        texts.SIZE: file_size(file.size),
        texts.OWNER: file.owner,
        texts.CHANGED: date_time(file.modified),
        texts.KEY: file.key,
    }
    for name, value in facts.items():
        st.markdown(f"**{name}** {escape(value)}")
    if file.sha256:
        st.caption(texts.SHA256)
        st.code(file.sha256, language=None)


def _deletion(file: ModelFile) -> None:
    """A dialog can't open another: the question stands where its button was."""
    if st.session_state.get(_ASKED) != file.key:
        if st.button(texts.DELETE_FILE, icon=":material/delete:", key="models.delete"):
            st.session_state[_ASKED] = file.key
            st.rerun(scope="fragment")
        return
    st.warning(texts.deletion(escape(file.name)))
    with st.container(horizontal=True):
        if st.button(common.KEEP, key="models.delete.no"):
            del st.session_state[_ASKED]
            st.rerun(scope="fragment")
        if st.button(
            common.DELETE,
            type="primary",
            key="models.delete.yes",
            on_click=attempt,
            args=(lambda: studio().models.delete(user(), file.kind, file.name),),
        ):
            open_model()
            st.rerun()
