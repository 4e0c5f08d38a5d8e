"""Mounts the mask editor: an image, the mask over it, and what parts of figures it can mask."""

import io
from base64 import b64encode
from typing import Any, Final

import streamlit as st
from PIL import Image
from pydantic import ValidationError

from core.images.mask import crop_frame
from formats.generation.inpaint import Box, InpaintArea, InpaintSettings
from formats.limits import MAX_SIDE, MIN_SIDE
from formats.openpose.skeleton import Skeleton
from poses import regions
from ui.components import mount
from ui.form.image.figures import figures_on
from ui.form.image.image_field import image_size
from ui.form.image.mask import EditorState, editor_key, editor_state, image_digest, reloaded
from ui.form.state import Form
from ui.form.values import FormValues
from ui.texts.form import mask as texts

_SHOWN_SIDE: Final = 2048
"""Longest side of the image in the browser, pixels; the mask has the image's own size."""


def mask_editor(form: Form, image: bytes) -> None:
    """The editor; what is painted is kept by `ui.form.image.mask`."""
    state, key = reloaded(form, image), editor_key(form, image)
    width, height = image_size(image)
    css = f"<style>[class*='-mask-editor-'] {{ --canvas: {width} / {height} }}</style>"
    st.html(css)  # keeps the canvas's place until the script has come
    data = _data(form, image, state)
    # Also where the page was left at once: then this form does not run again.
    mount("form/mask_editor", key, data, on_patch_change=lambda: editor_state(form, image))


def _data(form: Form, image: bytes, state: EditorState) -> dict[str, Any]:
    width, height = image_size(image)
    return {
        "rev": state.rev,
        "picture": image_digest(image),
        "width": width,
        "height": height,
        "image": shown_image(image),
        "mask": _url(state.loaded, "png") if state.loaded else None,
        "taken": state.taken,
        "brush": form.get("brush"),
        "figures": _parts(figures_on(form, image), width, height),
        "frame": crop_frame_of(form.values(), state.mask),
        "texts": texts.TEXTS,
    }


def crop_frame_of(values: FormValues, mask: bytes | None) -> Box | None:
    """What "only masked" will cut out; None for a whole image, and while fields are wrong."""
    size = (values.width, values.height)
    if mask is None or values.inpaint.area is not InpaintArea.MASKED:
        return None
    if not all(isinstance(side, int) and MIN_SIDE <= side <= MAX_SIDE for side in size):
        return None
    try:
        options = InpaintSettings.model_validate(dict(values.inpaint))
    except ValidationError:
        return None  # said at its field
    return _frame(mask, options.model_dump_json(), *size)


@st.cache_data(max_entries=32, show_spinner=False)
def _frame(mask: bytes, options: str, width: int, height: int) -> Box | None:
    return crop_frame(mask, InpaintSettings.model_validate_json(options), (width, height))


def _parts(figures: Skeleton | None, width: int, height: int) -> list[dict[str, Any]]:
    """The capsules of every figure's parts, in pixels of the image."""
    if figures is None:
        return []
    fx, fy = width / figures.width, height / figures.height
    of_part = {"head": regions.head, "hands": regions.hands, "figure": regions.figure}
    return [
        {name: [_capsule(one.scaled(fx, fy)) for one in of(person)] for name, of in of_part.items()}
        for person in figures.people
    ]


def _capsule(capsule: regions.Capsule) -> dict[str, Any]:
    a, b = ({"x": round(spot.x, 1), "y": round(spot.y, 1)} for spot in (capsule.a, capsule.b))
    return {"a": a, "b": b, "radius": round(capsule.radius, 1)}


@st.cache_data(max_entries=8, show_spinner=False)
def shown_image(data: bytes) -> str:
    """The image as the browser shows it, a data URL."""
    image = Image.open(io.BytesIO(data))
    image.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE))
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=90, method=2)
    return _url(buffer.getvalue(), "webp")


def _url(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"
