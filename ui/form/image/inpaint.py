"""What inpaint adds to a form: the image with its mask, and how the mask is filled."""

import io
from typing import Final

import streamlit as st
from PIL import Image

from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.limits import MAX_MASK_BLUR, MAX_MASK_PADDING
from ui.errors import show_at
from ui.form.image.image_field import MASK, image_field, image_size, start_image
from ui.form.image.mask import image_digest, mask_of, put_strokes, strokes_of
from ui.form.parameters import parameter_field
from ui.form.state import Form
from ui.form.values import MaskSource
from ui.pose.canvas import CanvasStyle, sketch_canvas
from ui.texts.form import form as texts
from ui.texts.formatting import mask_mode

_BRUSH_COLOUR: Final = "rgba(255, 64, 96, 0.6)"
_TRANSPARENT: Final = "rgba(0, 0, 0, 0)"
_SIDE: Final = 420
"""Longest side of the canvas, CSS pixels: it can't shrink, and its column can."""
_BACKGROUND_SIDE: Final = 2 * _SIDE
"""The same of the image below the strokes, pixels: dense screens show twice as many."""


def inpaint_form(form: Form) -> None:
    """The image, its mask and the mask's settings."""
    is_painted = form.get("mask_source") is MaskSource.PAINT
    image = start_image(form, preview=not is_painted)
    if image is None:
        return
    st.segmented_control(
        texts.MASK,
        list(MaskSource),
        key=form.key("mask_source"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if is_painted:
        _canvas(form, image)
    else:
        image_field(form, MASK)
    show_at(form.problems, "mask", "inpaint.mask")
    _settings(form)


def _canvas(form: Form, image: bytes) -> None:
    st.caption(texts.PAINT_MASK)
    st.slider(texts.BRUSH, 4, 160, step=4, key=form.key("brush"))
    strokes = strokes_of(form, image)
    with st.container(key=f"{form.name}-mask-canvas"):
        drawing = sketch_canvas(
            image_size(image),
            key=form.key(f"mask.canvas.{image_digest(image)}"),
            initial=strokes,
            background=_background(image),
            style=CanvasStyle(form.get("brush"), _BRUSH_COLOUR, _TRANSPARENT, _SIDE),
        )
    if drawing.get("objects", []) != strokes.get("objects", []):
        put_strokes(form, image, drawing)
    if drawing.get("objects") and mask_of(form, form.values()) is None:
        st.warning(texts.UNREADABLE_MASK)


def _settings(form: Form) -> None:
    parameter_field(form, "denoising_strength", help=texts.INPAINT_DENOISING_HELP)
    left, right = st.columns(2)
    with left:
        _mask_mode(form)
        st.selectbox(
            texts.MASKED_CONTENT,
            list(MaskedContent),
            key=form.key("inpaint.content"),
            help=texts.MASKED_CONTENT_HELP,
        )
    with right:
        st.selectbox(
            texts.INPAINT_AREA,
            list(InpaintArea),
            key=form.key("inpaint.area"),
            help=texts.INPAINT_AREA_HELP,
        )
        _pixels(form, texts.MASK_BLUR, "blur", 1, MAX_MASK_BLUR)
    if form.get("inpaint.area") is InpaintArea.MASKED:
        _pixels(form, texts.MASK_PADDING, "padding", 4, MAX_MASK_PADDING)
    for field in ("blur", "padding", "content", "area"):
        show_at(form.problems, f"inpaint.{field}")


def _mask_mode(form: Form) -> None:
    st.selectbox(
        texts.MASK_MODE,
        [False, True],
        key=form.key("inpaint.inverted"),
        format_func=mask_mode,
    )


def _pixels(form: Form, label: str, field: str, step: int, limit: int) -> None:
    st.number_input(
        label,
        key=form.key(f"inpaint.{field}"),
        step=step,
        help=texts.pixel_range(limit),
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _background(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data))
    image.thumbnail((_BACKGROUND_SIDE, _BACKGROUND_SIDE))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()
