"""What inpaint adds to a form: the image with its mask, and how the mask is filled."""

import streamlit as st

from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.limits import MAX_MASK_BLUR, MAX_MASK_PADDING
from ui.errors import show_at
from ui.form.image.figures import find_button
from ui.form.image.image_field import MASK, image_field, start_image
from ui.form.image.mask import paint_on
from ui.form.image.mask_editor import mask_editor
from ui.form.image.outpaint import outpaint_fields
from ui.form.parameters import parameter_field
from ui.form.state import Form
from ui.form.values import MaskSource
from ui.texts.form import form as texts
from ui.texts.form import mask as mask_texts
from ui.texts.formatting import mask_mode


def inpaint_form(form: Form) -> None:
    """The image, its mask and the mask's settings."""
    source = form.get("mask_source")
    image = start_image(form, preview=source is MaskSource.UPLOAD)
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
    if source is MaskSource.PAINT:
        _paint(form, image)
    elif source is MaskSource.UPLOAD:
        _upload(form, image)
    else:
        outpaint_fields(form, image)
    show_at(form.problems, "mask", "inpaint.mask")
    _settings(form)


def _upload(form: Form, image: bytes) -> None:
    mask = image_field(form, MASK)
    if mask:
        st.button(
            mask_texts.PAINT_ON,
            key=form.key("mask.paint"),
            type="tertiary",
            icon=":material/brush:",
            on_click=paint_on,
            args=(form, image, mask),
        )


@st.fragment
def _paint(form: Form, image: bytes) -> None:
    """The editor. Only this part runs again while the mask is painted."""
    with st.container(key=f"{form.name}-mask-canvas"):
        mask_editor(form, image)
    is_cropped = form.get("inpaint.area") is InpaintArea.MASKED
    st.caption(mask_texts.CROP_FRAME if is_cropped else mask_texts.PAINT)
    find_button(form, image)


def _settings(form: Form) -> None:
    parameter_field(form, "denoising_strength", help=texts.INPAINT_DENOISING_HELP)
    left, right = st.columns(2)
    with left:
        if form.get("mask_source") is not MaskSource.OUTPAINT:
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
