"""Draws the picture field of a ControlNet unit: a finished map, or what becomes one."""

import streamlit as st

from core.errors import InvalidInput
from core.images.files import check_image
from ui.form.controlnet.unit_images import unit_picture
from ui.form.image_field import preview
from ui.form.state import Form
from ui.problems import show_at


def unit_picture_field(form: Form, index: int) -> None:
    """Upload, preview, remove."""
    field = unit_picture(index)
    data = form.picture(field)
    if data is None:
        key = form.key(f"{field}.upload")
        st.file_uploader(
            f"Picture of unit {index + 1}", type=["png", "jpg", "jpeg", "webp"], key=key,
            on_change=_take, args=(form, field, key),
        )  # fmt: skip
    else:
        preview(data, f"The picture of unit {index + 1}")
        st.button(
            "Remove the picture", key=form.key(f"{field}.remove"), type="tertiary",
            icon=":material/close:", on_click=form.put_picture, args=(field, None),
        )  # fmt: skip
    show_at(st.session_state.get(_said(form, field), {}), field)


def _said(form: Form, field: str) -> str:
    return form.key(f"{field}.problems")


def _take(form: Form, field: str, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    problems: dict[str, str] = {}
    try:
        form.put_picture(field, check_image(uploaded.getvalue(), field))
    except InvalidInput as error:
        problems = {field: str(error)}
    st.session_state[_said(form, field)] = problems
