"""Owns an inpaint form's mask: the strokes on its canvas, or an uploaded picture."""

import hashlib
import json
from typing import Final

import streamlit as st

from core.images.mask import painted_mask
from formats.openpose.skeleton import PoseError
from ui.form.image_field import image_size
from ui.form.state import Form
from ui.form.values import FormValues, MaskSource
from ui.pose.canvas import Drawing

_STROKES: Final = "mask.json"
"""The form's file with what was painted, and on which picture."""
_PICTURE: Final = "picture"


def mask_of(form: Form, values: FormValues) -> bytes | None:
    """The mask as PNG; None where there is none yet."""
    if values.mask_source is MaskSource.UPLOAD:
        return form.picture("mask")
    picture = form.picture("init_picture")
    strokes = strokes_of(form, picture) if picture else {}
    return _painted(json.dumps(strokes), *image_size(picture)) if picture and strokes else None


def strokes_of(form: Form, picture: bytes) -> Drawing:
    """What was painted on this picture; an empty drawing where that is nothing."""
    held = json.loads(form.file(_STROKES) or b"{}")
    return held if held.get(_PICTURE) == image_digest(picture) else {}


def put_strokes(form: Form, picture: bytes, drawing: Drawing) -> None:
    """Keep what was painted."""
    held = {**drawing, _PICTURE: image_digest(picture)}
    form.put_file(_STROKES, json.dumps(held).encode())


@st.cache_data(max_entries=32, show_spinner=False)
def image_digest(picture: bytes) -> str:
    """Tells one picture from another."""
    return hashlib.sha256(picture).hexdigest()[:16]


@st.cache_data(max_entries=16, show_spinner=False)
def _painted(strokes: str, width: int, height: int) -> bytes | None:
    try:
        return painted_mask(json.loads(strokes), width, height)
    except PoseError:
        return None  # the canvas says so where it is drawn
