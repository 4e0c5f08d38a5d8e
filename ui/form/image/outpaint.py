"""The fields of outpaint: by how much the image is extended on each side, and what comes of it."""

from typing import Any, Final

import streamlit as st
from pydantic import ValidationError

from core.images.outpaint import (
    OutpaintMargins,
    extended_size,
    margins_for_aspect,
)
from formats.limits import MAX_SIDE, SIDE_STEP
from ui.components import mount
from ui.errors import show_at
from ui.form.image.image_field import image_size
from ui.form.image.mask_editor import shown_image
from ui.form.state import Form
from ui.texts.form import form as form_texts
from ui.texts.form import outpaint as texts
from ui.texts.formatting import image_size as size_text

_ASPECTS: Final = ((16, 9), (3, 2), (4, 3), (1, 1), (3, 4), (2, 3), (9, 16))
_FIELD_WIDTH: Final = 76
"""CSS pixels; four stand beside each other on a phone."""


def outpaint_fields(form: Form, image: bytes) -> None:
    """The frame, which can be dragged, the same as numbers, and presets."""
    size, margins = image_size(image), _margins(form)
    _frame(form, image, margins)
    with st.container(horizontal=True):
        for side, label in texts.SIDES.items():
            st.number_input(
                label, key=form.key(f"outpaint.{side}"), step=SIDE_STEP, width=_FIELD_WIDTH
            )
    st.segmented_control(
        texts.ASPECT,
        _ASPECTS,
        key=form.key("outpaint.aspect"),
        format_func=lambda pair: texts.aspect(*pair),
        on_change=_take_aspect,
        args=(form, size),
        help=texts.ASPECT_HELP,
    )
    if margins:
        st.caption(texts.size(size_text(*size), size_text(*extended_size(size, margins))))
    st.caption(texts.HINT)
    show_at(form.problems, "outpaint")


def _margins(form: Form) -> OutpaintMargins | None:
    """None while a field is wrong."""
    try:
        return OutpaintMargins.model_validate(dict(form.values().outpaint))
    except ValidationError:
        return None


def _frame(form: Form, image: bytes, margins: OutpaintMargins | None) -> None:
    width, height = image_size(image)
    key = form.key("outpaint.frame")
    data = {
        "image": shown_image(image),
        "width": width,
        "height": height,
        "margins": (margins or OutpaintMargins()).model_dump(),
        "most": MAX_SIDE,
        "step": SIDE_STEP,
        "texts": {**texts.FRAME, "size": form_texts.START_IMAGE_ALT},
    }
    mount("form/outpaint_frame", key, data, on_margins_change=lambda: _take_drag(form, key))


def _take_drag(form: Form, key: str) -> None:
    sent: Any = st.session_state[key].get("margins")
    try:
        margins = OutpaintMargins.model_validate(sent)
    except ValidationError:
        return  # nothing that the frame sends
    _put(form, margins)


def _take_aspect(form: Form, size: tuple[int, int]) -> None:
    """The preset is a button: it is let go at once, so that it can be pressed again."""
    key = form.key("outpaint.aspect")
    chosen = st.session_state[key]
    st.session_state[key] = None
    if chosen:
        _put(form, margins_for_aspect(size, chosen[0] / chosen[1]))


def _put(form: Form, margins: OutpaintMargins) -> None:
    form.put(**{f"outpaint.{side}": value for side, value in margins.model_dump().items()})
    form.set_problems()
