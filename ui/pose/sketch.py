"""The sketch: strokes become a figure, or go to a unit as they are."""

from typing import Final

import streamlit as st

from formats.openpose.skeleton import PoseError, Skeleton
from poses.canvas import photo_on_canvas
from poses.sketches.reader import fit_sketch
from poses.sketches.strokes import Stroke
from ui.form.values import Source
from ui.pose.board import SKETCH, Board, PoseMode, board_of, fit_to_request, strokes_on
from ui.pose.canvas import Drawing, sketch_canvas
from ui.texts.formatting import escape
from ui.texts.pose import studio as texts

_PALENESS: Final = 0.55
"""Of the photo under the sketch: the strokes are dark."""


def pose_sketch(board: Board) -> None:
    """The canvas, and its two ways out."""
    pose = fit_to_request(board)
    st.caption(texts.SKETCH_HINT)
    drawing = _canvas(board, pose)
    to_skeleton, to_unit = _buttons(board)
    if not (to_skeleton or to_unit):
        return
    try:
        strokes = _strokes(drawing, pose)
        if to_skeleton:
            board.load(fit_sketch(strokes, pose.width, pose.height))
            board.open_mode(PoseMode.EDITOR)
        else:
            _give_to_unit(board)
    except PoseError as error:
        st.warning(escape(str(error)), icon=":material/gesture:")
        return
    st.rerun()


def _canvas(board: Board, pose: Skeleton) -> Drawing:
    """Returns what is drawn on it; the board keeps it."""
    photo = board.photo
    with st.container(key="sketch-canvas"):
        return sketch_canvas(
            (pose.width, pose.height),
            key=board.key(SKETCH),
            initial=board.drawing,
            background=_pale_photo(photo, pose.width, pose.height) if photo else None,
            on_change=board.put_drawing,
        )


def _buttons(board: Board) -> tuple[bool, bool]:
    with st.container(horizontal=True):
        to_skeleton = st.button(
            texts.SKETCH_TO_SKELETON,
            type="primary",
            key=board.key("sketch.fit"),
            icon=":material/accessibility_new:",
        )
        to_unit = st.button(
            texts.SKETCH_AS_IT_IS,
            key=board.key("sketch.use"),
            icon=":material/gesture:",
            help=texts.SKETCH_AS_IT_IS_HELP,
        )
    return to_skeleton, to_unit


def _strokes(drawing: Drawing, pose: Skeleton) -> tuple[Stroke, ...]:
    strokes = strokes_on(drawing, pose.width, pose.height)
    if not strokes:
        raise PoseError(texts.EMPTY_SKETCH)
    return strokes


def _give_to_unit(board: Board) -> None:
    """The first unit that takes its map from this board takes the sketch, where none does yet."""
    units = board.form.values().units
    on_board = [
        index
        for index, unit in enumerate(units)
        if unit.source.is_board and board_of(board.form, index, unit).name == board.name
    ] or [0]
    if not any(units[index].source is Source.SKETCH for index in on_board):
        units[on_board[0]] = units[on_board[0]].model_copy(update={"source": Source.SKETCH})
        board.form.put(units=units)


@st.cache_data(max_entries=16, show_spinner=False)
def _pale_photo(photo: bytes, width: int, height: int) -> bytes:
    return photo_on_canvas(photo, width, height, paleness=_PALENESS)
