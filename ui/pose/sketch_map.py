"""Makes a board's sketch the picture of a unit: as wide as the request, white on black."""

import json

import streamlit as st

from core.images.scribble import draw_scribble, scale_strokes
from formats.openpose.skeleton import PoseError
from poses.sketches.strokes import Stroke, read_strokes
from ui.pose.board import Board
from ui.pose.canvas import Drawing
from ui.pose.current_pose import canvas
from ui.pose.default_pose import default_pose


def drawing_of(board: Board) -> Drawing:
    """The drawing as it was kept; an empty one where there is none."""
    return json.loads(board.strokes or b"{}")  # type: ignore[no-any-return]


def strokes_on(drawing: Drawing, width: int, height: int) -> tuple[Stroke, ...]:
    """The strokes in pixels of a request of width x height. Raises PoseError."""
    strokes = read_strokes(drawing)
    if not strokes:
        return ()
    return scale_strokes(strokes, min(width / drawing["width"], height / drawing["height"]))


def sketch_map(board: Board) -> bytes | None:
    """The map for scribble ControlNets, PNG; None where nothing was drawn."""
    data = board.strokes
    return _map(data, *canvas(board, board.pose or default_pose())) if data else None


@st.cache_data(max_entries=32, show_spinner=False)
def _map(data: bytes, width: int, height: int) -> bytes | None:
    try:
        strokes = strokes_on(json.loads(data), width, height)
    except PoseError:
        return None  # the sketch's own page says so where it is drawn
    return draw_scribble(strokes, width, height) if strokes else None
