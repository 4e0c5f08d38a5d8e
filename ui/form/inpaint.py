"""Draws what inpaint adds to a form: the picture with its mask, and how the mask is filled."""

import io
from typing import Final

import streamlit as st
from PIL import Image

from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.limits import MAX_MASK_BLUR, MAX_MASK_PADDING
from ui.errors import show_at
from ui.form.image_field import MASK, image_field, image_size, start_image
from ui.form.mask import image_digest, mask_of, put_strokes, strokes_of
from ui.form.parameters import parameter_field
from ui.form.state import Form
from ui.form.values import MaskSource
from ui.pose.canvas import Easel, sketch_canvas

_INK: Final = "rgba(255, 64, 96, 0.6)"
_NO_PAPER: Final = "rgba(0, 0, 0, 0)"
_SIDE: Final = 420
"""Longest side of the canvas, CSS pixels: it can't shrink, and its column can."""
_GROUND_SIDE: Final = 2 * _SIDE
"""The same of the picture below the strokes, for dense screens."""


def inpaint_form(form: Form) -> None:
    """The picture, its mask and the mask's settings."""
    painting = form.get("mask_source") is MaskSource.PAINT
    picture = start_image(form, preview=not painting)
    if picture is None:
        return
    st.segmented_control(
        "Mask",
        list(MaskSource),
        key=form.key("mask_source"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if painting:
        _canvas(form, picture)
    else:
        image_field(form, MASK)
    show_at(form.problems, "mask", "inpaint.mask")
    _settings(form)


def _canvas(form: Form, picture: bytes) -> None:
    st.caption("Paint over what shall be drawn anew; the buttons at its corner undo and clear.")
    st.slider("Brush", 4, 160, step=4, key=form.key("brush"))
    held = strokes_of(form, picture)
    with st.container(key=f"{form.name}-mask-canvas"):
        drawing = sketch_canvas(
            image_size(picture),
            key=form.key(f"mask.canvas.{image_digest(picture)}"),
            start=held,
            photo=_ground(picture),
            easel=Easel(form.get("brush"), _INK, _NO_PAPER, _SIDE),
        )
    if drawing.get("objects", []) != held.get("objects", []):
        put_strokes(form, picture, drawing)
    if drawing.get("objects") and mask_of(form, form.values()) is None:
        st.warning("This mask can't be read. Clear it and paint fewer strokes.")


def _settings(form: Form) -> None:
    parameter_field(
        form, "denoising_strength", help="0 keeps what is below the mask, 1 keeps nothing of it."
    )
    left, right = st.columns(2)
    with left:
        _mask_mode(form)
        st.selectbox(
            "Masked content",
            list(MaskedContent),
            key=form.key("inpaint.content"),
            help="What generation starts from below the mask.",
        )
    with right:
        st.selectbox(
            "Inpaint area",
            list(InpaintArea),
            key=form.key("inpaint.area"),
            help="Only masked draws the mask's surroundings alone, at the full size.",
        )
        _pixels(form, "Mask blur", "blur", 1, MAX_MASK_BLUR)
    if form.get("inpaint.area") is InpaintArea.MASKED:
        _pixels(form, "Only masked padding", "padding", 4, MAX_MASK_PADDING)
    for field in ("blur", "padding", "content", "area"):
        show_at(form.problems, f"inpaint.{field}")


def _mask_mode(form: Form) -> None:
    st.selectbox(
        "Mask mode",
        [False, True],
        key=form.key("inpaint.inverted"),
        format_func=lambda turned: "Inpaint not masked" if turned else "Inpaint masked",
    )


def _pixels(form: Form, label: str, field: str, step: int, limit: int) -> None:
    st.number_input(
        label,
        key=form.key(f"inpaint.{field}"),
        step=step,
        help=f"Pixels of the picture, 0 to {limit}.",
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _ground(picture: bytes) -> bytes:
    image = Image.open(io.BytesIO(picture))
    image.thumbnail((_GROUND_SIDE, _GROUND_SIDE))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()
