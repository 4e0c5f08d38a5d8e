"""Owns the freehand canvas: the one module that knows streamlit-drawable-canvas."""

from typing import Any, Final

import streamlit as st
from streamlit_drawable_canvas import st_canvas  # type: ignore[import-untyped]  # has no types

_WIDE: Final = 520
_PHONE: Final = 300
"""Longest side of the canvas on the page, CSS pixels: it has a fixed size and can't shrink."""

_PEN: Final = 5
_PAPER: Final = "#ffffff"
_INK: Final = "#1f6f63"

Drawing = dict[str, Any]
"""What fabric.js holds, beside the `width` and `height` of the canvas in CSS pixels."""


def sketch_canvas(
    width: int, height: int, *, key: str, photo: bytes | None, start: Drawing
) -> Drawing:
    """Draw the canvas of a request of width x height pixels. Returns its drawing.

    It begins with `start`, which may come from a canvas of another size, and again whenever the
    browser forgot it. It must not be given back on each run: that would wipe undo and strokes.
    """
    state, scale = st.session_state, max(width, height) / _longest_side()
    wide, high = round(width / scale), round(height / scale)
    size = f"{key}.{wide}x{high}"
    if not state.get(size):
        state[f"{size}.start"] = _resized(start, wide, high)
    begin = state[f"{size}.start"]
    drawn = st_canvas(
        stroke_width=_PEN, stroke_color=_INK, background_color=_PAPER, background_image=photo,
        width=wide, height=high, key=size, initial_drawing=begin or None,
    ).json_data  # fmt: skip
    if state.get(size) and drawn is not None:
        return {**drawn, "width": wide, "height": high}
    return begin  # type: ignore[no-any-return]


def _longest_side() -> int:
    # "Mobi" is what every phone's browser has in its name (MDN, Browser detection).
    return _PHONE if "Mobi" in st.context.headers.get("User-Agent", "") else _WIDE


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
