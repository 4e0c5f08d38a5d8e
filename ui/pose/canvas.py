"""Owns the freehand canvas: the one module that knows streamlit-drawable-canvas."""

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from streamlit_drawable_canvas import st_canvas

_DESKTOP_SIDE: Final = 520
_PHONE_SIDE: Final = 300
"""Longest side of the canvas on the page, CSS pixels: it has a fixed size and can't shrink."""


@dataclass(frozen=True)
class CanvasStyle:
    """The pen and what it draws on; colours as CSS writes them, sizes in CSS pixels."""

    pen_width: int
    pen_colour: str
    background_colour: str
    longest_side: int = _DESKTOP_SIDE
    """But on phones, where it is 300."""


SKETCH_STYLE: Final = CanvasStyle(5, "#1f6f63", "#ffffff")

Drawing = dict[str, Any]
"""What fabric.js holds, beside the `width` and `height` of the canvas in CSS pixels."""


def sketch_canvas(
    size: tuple[int, int],
    *,
    key: str,
    initial: Drawing,
    background: bytes | None,
    style: CanvasStyle = SKETCH_STYLE,
) -> Drawing:
    """A canvas in the proportions of `size`, width and height in pixels. Returns its drawing.

    It begins with `initial`, which may come from a canvas of another size, and again whenever the
    browser forgot it. It must not be given back on each run: that would wipe undo and strokes.
    `background` is an image under the strokes and no part of the drawing.
    """
    state, scale = st.session_state, max(size) / _longest_side(style)
    width, height = (round(side / scale) for side in size)
    canvas_key = f"{key}.{width}x{height}"
    if not state.get(canvas_key):
        state[f"{canvas_key}.initial"] = _resized(initial, width, height)
    start: Drawing = state[f"{canvas_key}.initial"]
    drawing = st_canvas(
        stroke_width=style.pen_width,
        stroke_color=style.pen_colour,
        background_color=style.background_colour,
        background_image=background,
        width=width,
        height=height,
        key=canvas_key,
        initial_drawing=start or None,
    ).json_data
    if state.get(canvas_key) and drawing is not None:
        return {**drawing, "width": width, "height": height}
    return start


def _longest_side(style: CanvasStyle) -> int:
    # "Mobi" is what every phone's browser has in its name (MDN, Browser detection).
    is_phone = "Mobi" in st.context.headers.get("User-Agent", "")
    return _PHONE_SIDE if is_phone else style.longest_side


def _resized(drawing: Drawing, width: int, height: int) -> Drawing:
    """The drawing on a canvas of another size, in its upper left corner."""
    if not drawing.get("objects"):
        return {}
    factor = min(width / drawing["width"], height / drawing["height"])
    objects = [{**each, **_scaled(each, factor)} for each in drawing["objects"]]
    return {**drawing, "objects": objects, "width": width, "height": height}


def _scaled(fabric_object: dict[str, Any], factor: float) -> dict[str, float]:
    defaults = {"left": 0, "top": 0, "scaleX": 1, "scaleY": 1}
    return {
        name: float(fabric_object.get(name, value)) * factor for name, value in defaults.items()
    }
