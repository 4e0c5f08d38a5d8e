"""The image on a model's card: shown, given, taken away."""

import html

import streamlit as st

from core.models.files import ModelFile
from ui.errors import attempt
from ui.state import studio, user
from ui.texts.models import detail as texts

_UPLOADS = "library.thumbnails"
"""How many were uploaded: another uploader is an empty one."""


def thumbnail_url(file: ModelFile) -> str:
    """A signed address, good for who is signed in; empty where there is no image."""
    sha256 = file.record.thumbnail
    return studio().urls(user()).model_thumbnail(sha256) if sha256 else ""


def thumbnail(file: ModelFile) -> None:
    """The image, where the model has one."""
    if url := thumbnail_url(file):
        source, alt = html.escape(url, quote=True), html.escape(texts.THUMBNAIL_ALT)
        st.html(f"<img class='model-thumbnail' src='{source}' alt='{alt}'>")


def thumbnail_form(file: ModelFile) -> None:
    """An uploader, and a button that takes the image away."""
    with st.expander(texts.THUMBNAIL, icon=":material/image:"):
        st.caption(texts.THUMBNAIL_ABOUT)
        count = st.session_state.get(_UPLOADS, 0)
        key = f"library.thumbnail.{file.key}.{count}"
        st.file_uploader(
            texts.THUMBNAIL_UPLOAD,
            type=["png", "jpg", "jpeg", "webp"],
            key=key,
            on_change=_set,
            args=(file, key),
        )
        if file.record.thumbnail:
            st.button(
                texts.REMOVE_THUMBNAIL,
                icon=":material/hide_image:",
                key="library.thumbnail.clear",
                on_click=attempt,
                args=(lambda: studio().models.clear_thumbnail(user(), file.key),),
            )


def _set(file: ModelFile, key: str) -> None:
    if given := st.session_state.get(key):
        st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
        attempt(lambda: studio().models.set_thumbnail(user(), file.key, given.getvalue()))
