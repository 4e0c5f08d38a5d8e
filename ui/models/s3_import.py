"""The copy of a model file from an address in S3 that the studio's role can read."""

import streamlit as st

from core.errors import ContrappostoError
from ui.models.starting import begin, chosen_kind, kind_select, tell_problems
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
        kind_select(_KIND)
        st.button(
            texts.COPY,
            type="primary",
            icon=":material/content_copy:",
            key="models.s3.copy",
            on_click=_start,
        )


def _start() -> None:
    state = st.session_state
    kind = chosen_kind(_KIND)
    try:
        begin([studio().uploads.look_at_address(user(), state[_ADDRESS].strip(), kind)])
    except ContrappostoError as error:
        tell_problems(error)
    else:
        tell_problems(None)
        state[_ADDRESS] = ""
