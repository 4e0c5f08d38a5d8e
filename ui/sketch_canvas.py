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


def scale_of(width: int, height: int) -> float:
    """Pixels of the request for one of the canvas."""
    # "Mobi" is what every phone's browser has in its name (MDN, Browser detection).
    narrow = "Mobi" in st.context.headers.get("User-Agent", "")
    return max(width, height) / (_PHONE if narrow else _WIDE)


def sketch_canvas(width: int, height: int, *, key: str, photo: bytes | None) -> Drawing:
    """Draw the canvas of a request of width x height pixels. Returns its drawing (fabric.js).

    The browser forgets the drawing when the page is left: a copy stays in the session and is
    given back once. It must not be given back on each run, which would wipe undo and strokes.
    """
    state, scale = st.session_state, scale_of(width, height)
    size = f"{key}.{width}x{height}.{scale:.3f}"
    if not state.get(size):
        state[f"{size}.start"] = state.get(f"{size}.held")
    drawn = st_canvas(
        stroke_width=_PEN, stroke_color=_INK, background_color=_PAPER, background_image=photo,
        width=round(width / scale), height=round(height / scale), key=size,
        initial_drawing=state[f"{size}.start"],
    ).json_data  # fmt: skip
    if state.get(size) and drawn is not None:
        state[f"{size}.held"] = drawn
    return state.get(f"{size}.held") or {}
