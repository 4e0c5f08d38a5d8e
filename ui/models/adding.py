"""The ways in: where model files come from, one form each, above one queue for all of them."""

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from core.team.permissions import Kind
from ui.models.browser_upload import browser_upload
from ui.models.path_import import path_import
from ui.models.s3_import import s3_import
from ui.models.starting import questions, show_problems
from ui.models.url_import import url_import
from ui.state import may_create
from ui.texts.models import adding as texts

_WAYS: Final[Mapping[str, Callable[[], None]]] = {
    texts.PATH: path_import,
    texts.URL: url_import,
    texts.S3: s3_import,
}
_WAY: Final = "models.way"


def add_models() -> None:
    """The form of the chosen way."""
    if not may_create(Kind.MODEL):
        st.caption(texts.ARTISTS_ONLY)
        return
    browser_upload()
    way = st.segmented_control(
        texts.WAY,
        list(_WAYS),
        key=_WAY,
        required=True,
        default=next(iter(_WAYS)),
        label_visibility="collapsed",
        persist_state="session",
    )
    _WAYS[way]()
    show_problems()
    questions()
