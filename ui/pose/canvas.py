"""Owns the freehand canvas: the one module that knows streamlit-drawable-canvas."""

from typing import Any, Final, NamedTuple

import streamlit as st
from streamlit_drawable_canvas import st_canvas

_WIDE: Final = 520
_PHONE: Final = 300
"""Longest side of the canvas on the page, CSS pixels: it has a fixed size and can't shrink."""


class Easel(NamedTuple):
    """What is drawn with, and on; sizes in CSS pixels."""

    pen: int
    ink: str
    paper: str
    longest: int = _WIDE
    """The longest side, but on phones."""


SKETCH: Final = Easel(5, "#1f6f63", "#ffffff")

Drawing = dict[str, Any]
"""What fabric.js holds, beside the `width` and `height` of the canvas in CSS pixels."""


def sketch_canvas(
    size: tuple[int, int], *, key: str, photo: bytes | None, start: Drawing, easel: Easel = SKETCH
) -> Drawing:
    """Draw the canvas of a picture of so many pixels, width and height. Returns its drawing.

    It begins with `start`, which may come from a canvas of another size, and again whenever the
    browser forgot it. It must not be given back on each run: that would wipe undo and strokes.
    """
    state, scale = st.session_state, max(size) / _longest_side(easel)
    wide, high = (round(side / scale) for side in size)
    sized = f"{key}.{wide}x{high}"
    if not state.get(sized):
        state[f"{sized}.start"] = _resized(start, wide, high)
    begin: Drawing = state[f"{sized}.start"]
    drawn = st_canvas(
        stroke_width=easel.pen,
        stroke_color=easel.ink,
        background_color=easel.paper,
        background_image=photo,
        width=wide,
        height=high,
        key=sized,
        initial_drawing=begin or None,
    ).json_data
    if state.get(sized) and drawn is not None:
        return {**drawn, "width": wide, "height": high}
    return begin


def _longest_side(easel: Easel) -> int:
    # "Mobi" is what every phone's browser has in its name (MDN, Browser detection).
    return _PHONE if "Mobi" in st.context.headers.get("User-Agent", "") else easel.longest


def _resized(drawing: Drawing, width: int, height: int) -> Drawing:
    """The drawing on a canvas of another size, in its upper left corner."""
    if not drawing.get("objects"):
        return {}
    factor = min(width / drawing["width"], height / drawing["height"])
    objects = [{**one, **_scaled(one, factor)} for one in drawing["objects"]]
    return {**drawing, "objects": objects, "width": width, "height": height}


def _scaled(one: dict[str, Any], factor: float) -> dict[str, float]:
    starts = {"left": 0, "top": 0, "scaleX": 1, "scaleY": 1}
    return {name: float(one.get(name, start)) * factor for name, start in starts.items()}
