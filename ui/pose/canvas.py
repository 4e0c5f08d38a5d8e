"""Owns the freehand canvas: mounts its component, and keeps its strokes as drawings.

A drawing has the fields of fabric.js that `poses.sketches.strokes` reads: version 0.1 kept what
streamlit-drawable-canvas gave it, and that is still shown and read.
"""

import io
import logging
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

import streamlit as st
from PIL import Image
from pydantic import Field, ValidationError

from core.images.scribble import scale_strokes
from formats.frozen import Tolerant
from formats.limits import MAX_SIDE
from formats.openpose.skeleton import PoseError
from poses.sketches.strokes import PenPoint, Stroke, bounding_box, read_strokes
from ui.components import mount
from ui.state import session_value
from ui.texts.pose.sketch import TEXTS

log = logging.getLogger(__name__)

_PEN: Final = 5 / 520
"""Width of the pen, in the canvas's longest side."""
_PEN_COLOUR: Final = "#1f6f63"

Drawing = dict[str, Any]
"""Strokes as `objects`, beside the `width` and `height` of their canvas in pixels."""

_Coordinate = Annotated[float, Field(ge=-MAX_SIDE, le=2 * MAX_SIDE, allow_inf_nan=False)]


class _Sent(Tolerant):
    """What the browser says after each stroke; points in pixels of the canvas."""

    rev: str
    strokes: tuple[tuple[tuple[_Coordinate, _Coordinate], ...], ...]


@dataclass(frozen=True)
class _CanvasState:
    """What the browser was given, and what came of it; kept in the session."""

    rev: str
    """Names what was loaded; an answer to another one is out of date."""
    size: tuple[int, int]
    loaded: tuple[Stroke, ...]
    drawing: Drawing


def sketch_canvas(
    size: tuple[int, int],
    *,
    key: str,
    initial: Drawing,
    background: bytes | None,
    on_change: Callable[[Drawing], None],
) -> Drawing:
    """A canvas of `size`, width and height in pixels. Returns its drawing.

    Pass what it returned the last time; another drawing, which may come from a canvas of another
    size, replaces what is shown. `background` is an image under the strokes and no part of them.
    `on_change` gets each new drawing, also where the page was left and does not run again.
    """
    state = session_value(f"{key}.state", _CanvasState)
    if state is None or (state.drawing, state.size) != (initial, size):
        state = _CanvasState(secrets.token_hex(8), size, _strokes_on(initial, size), initial)
    elif not st.session_state.get(key):  # the page was left: the browser starts from here again
        state = replace(state, loaded=_strokes_on(state.drawing, size))
    st.session_state[f"{key}.state"] = state
    data = _data(state, background)
    mount("form/sketch_canvas", key, data, on_drawing_change=lambda: _take(key, on_change))
    return state.drawing


def _take(key: str, on_change: Callable[[Drawing], None]) -> None:
    state = session_value(f"{key}.state", _CanvasState)
    if state:
        drawing = newest_drawing(state.drawing, key=key)
        st.session_state[f"{key}.state"] = replace(state, drawing=drawing)
        on_change(drawing)


def newest_drawing(drawing: Drawing, *, key: str) -> Drawing:
    """The caller's drawing with what the browser has sent since and no run has shown yet.

    A button pressed right after a stroke is heard before the canvas runs again.
    """
    state = session_value(f"{key}.state", _CanvasState)
    answer = st.session_state.get(key)
    if state is None or not answer or drawing != state.drawing:
        return drawing
    sent = _read(answer.get("drawing"))
    return _drawing(sent, state.size) if sent and sent.rev == state.rev else drawing


def _data(state: _CanvasState, background: bytes | None) -> dict[str, Any]:
    width, height = state.size
    return {
        "rev": state.rev,
        "width": width,
        "height": height,
        "strokes": [[[x, y] for x, y in stroke] for stroke in state.loaded],
        "background": _data_url(background) if background else None,
        "pen": _PEN * max(state.size),
        "colour": _PEN_COLOUR,
        "texts": TEXTS,
    }


def _read(sent: Any) -> _Sent | None:
    if sent is None:
        return None
    try:
        return _Sent.model_validate(sent)
    except ValidationError as error:
        log.warning("event=sketch_ignored errors=%d", error.error_count())
        return None


def _drawing(sent: _Sent, size: tuple[int, int]) -> Drawing:
    pen = _PEN * max(size)
    strokes = [tuple(PenPoint(x, y) for x, y in stroke) for stroke in sent.strokes if stroke]
    objects = [_path(stroke, pen) for stroke in strokes]
    return {"objects": objects, "width": size[0], "height": size[1]}


def _path(stroke: Stroke, pen: float) -> dict[str, Any]:
    """A stroke as fabric.js has it: a path, and the corner of its box, the pen's width included."""
    first, *rest = stroke
    left, top, _, _ = bounding_box(stroke)
    return {
        "type": "path",
        "path": [["M", *first], *(["L", *point] for point in rest)],
        "left": left - pen / 2,
        "top": top - pen / 2,
        "strokeWidth": pen,
    }


def _strokes_on(drawing: Drawing, size: tuple[int, int]) -> tuple[Stroke, ...]:
    """The strokes on a canvas of that size, in its upper left corner; none where they can't be
    read, which is said where they are used."""
    if not drawing.get("objects"):
        return ()
    try:
        strokes = read_strokes(drawing)
    except PoseError:
        return ()
    return scale_strokes(strokes, min(size[0] / drawing["width"], size[1] / drawing["height"]))


@st.cache_data(max_entries=16, show_spinner=False)
def _data_url(data: bytes) -> str:
    kind = Image.open(io.BytesIO(data)).get_format_mimetype()
    return f"data:{kind};base64,{b64encode(data).decode()}"
