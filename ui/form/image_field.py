"""Draws a picture field: upload, preview, remove; what it holds survives a reload."""

import io

import streamlit as st
from PIL import Image

from core.errors import InvalidInput
from core.images.files import check_image
from formats.limits import MAX_SIDE, MIN_SIDE, SIDE_STEP
from ui.form.state import Form
from ui.problems import problems_of, show_at

_PREVIEW_SIDE = 480


def start_picture(form: Form, *, shown: bool = True) -> bytes | None:
    """The picture that a job starts from; `shown` is False where something else shows it."""
    data = picture_field(form, "init_picture", "Picture to start from", shown=shown)
    show_at(form.problems, "init_picture")
    return data


def picture_field(form: Form, field: str, label: str, *, shown: bool = True) -> bytes | None:
    """A picture that the form holds: an uploader, or the picture with a button to remove it."""
    data = form.picture(field)
    if data is None:
        key = form.key(f"{field}.upload")
        st.file_uploader(
            label, type=["png", "jpg", "jpeg", "webp"], key=key,
            on_change=_take, args=(form, field, key),
        )  # fmt: skip
        return None
    if shown:
        preview(data, "The mask" if field == "mask" else "The picture to start from")
    with st.container(horizontal=True):
        st.button(
            "Remove the picture" if field == "init_picture" else "Remove the mask",
            key=form.key(f"{field}.remove"), type="tertiary", icon=":material/close:",
            on_click=form.put_picture, args=(field, None),
        )  # fmt: skip
        if field == "init_picture" and form.get("mode").uses_checkpoint:
            st.button(
                "Use its size", key=form.key(f"{field}.size"), type="tertiary",
                icon=":material/straighten:", on_click=_take_size, args=(form, data),
                help="Sets width and height to those of the picture.",
            )  # fmt: skip
    return data


def _take_size(form: Form, data: bytes) -> None:
    """The nearest size that can be drawn, in the picture's proportions."""
    with Image.open(io.BytesIO(data)) as image:
        scale = min(1, MAX_SIDE / max(image.size))
        sides = [round(side * scale / SIDE_STEP) * SIDE_STEP for side in image.size]
    width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in sides)
    form.put(width=width, height=height)


def _take(form: Form, field: str, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    try:
        form.put_picture(field, check_image(uploaded.getvalue(), field))
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
