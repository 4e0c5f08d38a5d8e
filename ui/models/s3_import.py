"""The copy of a model file from an address in S3 that the studio's role can read."""

import streamlit as st

from core.errors import ContrappostoError
from formats.models.kinds import ModelKind
from ui.models.starting import begin, tell_problems
from ui.state import studio, user
from ui.texts.models import adding as texts

_ADDRESS = "models.s3"
_KIND = "models.s3.kind"


def s3_import() -> None:
    """The address, and what the file is."""
    st.text_input(
        texts.S3_ADDRESS,
        key=_ADDRESS,
        max_chars=1200,
        placeholder=texts.S3_PLACEHOLDER,
        help=texts.S3_HELP,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            texts.KIND,
            [texts.DETECT_KIND, *ModelKind],
            key=_KIND,
            width=260,
            format_func=texts.kind,
        )
        st.button(
            texts.COPY,
            type="primary",
            icon=":material/content_copy:",
            key="models.s3.copy",
            on_click=_start,
        )


def _start() -> None:
    state = st.session_state
    kind = None if state[_KIND] == texts.DETECT_KIND else state[_KIND]
    try:
        begin([studio().uploads.look_at_address(user(), state[_ADDRESS].strip(), kind)])
    except ContrappostoError as error:
        tell_problems(error)
    else:
        tell_problems(None)
        state[_ADDRESS] = ""
