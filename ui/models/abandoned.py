"""Parts in S3 that no upload goes on with: shown, and removed at a click."""

from functools import partial

import streamlit as st

from core.errors import AwsError
from core.models.uploads.multipart import OpenUpload
from core.team.permissions import Action, Item, Kind
from core.team.users import SHARED
from ui.errors import attempt
from ui.state import may, page_visit, studio, user
from ui.texts.formatting import date_time, escape
from ui.texts.models import adding as texts

_FOUND = "models.abandoned"
"""The visit in which S3 was asked, and what it had: one look is enough for a visit."""


def abandoned_uploads() -> None:
    """Nothing where there is nothing, or where the user may not remove it."""
    if not may(Action.DELETE, Item(kind=Kind.MODEL, owner=SHARED)):
        return
    found = _found()
    if not found:
        return
    with st.expander(texts.abandoned(len(found)), icon=":material/cleaning_services:"):
        st.caption(texts.ABANDONED)
        for each in found:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    texts.abandoned_since(escape(each.key), date_time(each.initiated)),
                    width="stretch",
                )
                st.button(
                    texts.REMOVE,
                    icon=":material/delete:",
                    key=f"models.abandoned.{each.id}",
                    on_click=attempt,
                    args=(partial(_remove, each),),
                )


def _found() -> tuple[OpenUpload, ...]:
    visit, found = st.session_state.get(_FOUND, (None, ()))
    if visit != page_visit():
        try:
            found = studio().uploads.abandoned(user())
        except AwsError:
            found = ()  # the list of models says that AWS does not answer
        st.session_state[_FOUND] = (page_visit(), found)
    return tuple(found)


def _remove(upload: OpenUpload) -> None:
    studio().uploads.remove_abandoned(user(), upload)
    st.session_state.pop(_FOUND, None)
