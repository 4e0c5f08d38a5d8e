"""Draws a picture field: upload, preview, remove; what it holds survives a reload."""

import io

import streamlit as st
from PIL import Image

from core.errors import InvalidInput
from core.pictures import check_picture
from ui.form import Form
from ui.problems import problems_of, show_at

_PREVIEW_SIDE = 480


def start_picture(form: Form) -> None:
    """The picture that img2img starts from."""
    data = form.picture("init_picture")
    if data is None:
        key = form.key("init_picture.upload")
        st.file_uploader(
            "Picture to start from", type=["png", "jpg", "jpeg", "webp"], key=key,
            on_change=_take, args=(form, key),
        )  # fmt: skip
    else:
        preview(data, "The picture to start from")
        st.button(
            "Remove the picture", key=form.key("init_picture.remove"), type="tertiary",
            icon=":material/close:", on_click=form.put_picture, args=("init_picture", None),
        )  # fmt: skip
    show_at(form.problems, "init_picture")


def _take(form: Form, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    try:
        form.put_picture("init_picture", check_picture(uploaded.getvalue(), "init_picture"))
        form.set_problems()
    except InvalidInput as error:
        form.set_problems(problems_of(error))


def preview(data: bytes, alt: str) -> None:
    """A small copy of a checked picture."""
    st.image(_small(data), width=240, alt=alt)


@st.cache_data(max_entries=32, show_spinner=False)
def _small(data: bytes) -> bytes:
    """A WebP copy: Streamlit decodes what it is given again on every rerun."""
    image = Image.open(io.BytesIO(data))
    image.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=85)
    return buffer.getvalue()
