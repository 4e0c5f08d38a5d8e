"""Owns an inpaint form's mask: the strokes on its canvas, or an uploaded image."""

import hashlib
import json
from typing import Final

import streamlit as st

from core.images.mask import draw_mask
from formats.openpose.skeleton import PoseError
from ui.form.image.image_field import MASK, START_IMAGE, image_size
from ui.form.state import Form
from ui.form.values import FormValues, MaskSource
from ui.pose.canvas import Drawing

_STROKES: Final = "mask.json"
"""The form's file with what was painted, and on which image."""
_DIGEST: Final = "picture"


def mask_of(form: Form, values: FormValues) -> bytes | None:
    """The mask as PNG; None where there is none yet."""
    if values.mask_source is MaskSource.UPLOAD:
        return form.image(MASK.name)
    image = form.image(START_IMAGE.name)
    strokes = strokes_of(form, image) if image else {}
    return _mask_png(json.dumps(strokes), *image_size(image)) if image and strokes else None


def strokes_of(form: Form, image: bytes) -> Drawing:
    """What was painted on this image; an empty drawing where that is nothing."""
    drawing: Drawing = json.loads(form.file(_STROKES) or b"{}")
    return drawing if drawing.get(_DIGEST) == image_digest(image) else {}


def put_strokes(form: Form, image: bytes, drawing: Drawing) -> None:
    """Keep what was painted."""
    strokes = {**drawing, _DIGEST: image_digest(image)}
    form.put_file(_STROKES, json.dumps(strokes).encode())


@st.cache_data(max_entries=32, show_spinner=False)
def image_digest(image: bytes) -> str:
    """Tells one image from another."""
    return hashlib.sha256(image).hexdigest()[:16]


@st.cache_data(max_entries=16, show_spinner=False)
def _mask_png(strokes: str, width: int, height: int) -> bytes | None:
    try:
        return draw_mask(json.loads(strokes), width, height)
    except PoseError:
        return None  # the canvas says so
