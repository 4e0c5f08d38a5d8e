"""Draws the sketch: strokes become a figure, or go to a unit as they are."""

import json
from typing import Final

import streamlit as st

from formats.openpose.skeleton import PoseError
from poses.canvas import photo_on_canvas
from poses.sketches.reader import fit_sketch
from poses.sketches.strokes import Stroke
from ui.form.values import Source
from ui.pose.board import Board, board_of
from ui.pose.canvas import sketch_canvas
from ui.pose.current_pose import fit_to_request, load
from ui.pose.mode import EDITOR_WAY, go_to
from ui.pose.save import remember
from ui.pose.sketch_map import drawing_of, strokes_on
from ui.texts.formatting import plain

_PALENESS: Final = 0.55
"""Of the photo under the sketch: the strokes are dark."""


def pose_sketch(board: Board) -> None:
    """The canvas, and its two ways out."""
    pose = fit_to_request(board)
    width, height = pose.width, pose.height
    held, photo = drawing_of(board), board.photo
    st.caption("A round head, a line for the body, one for each arm and leg.")
    with st.container(key="sketch-canvas"):
        drawing = sketch_canvas(
            (width, height),
            key=board.key("sketch.canvas"),
            start=held,
            photo=_ground(photo, width, height) if photo else None,
        )
    if drawing.get("objects", []) != held.get("objects", []):
        board.put_strokes(json.dumps(drawing).encode())
    with st.container(horizontal=True):
        figure = st.button(
            "Make a skeleton of it",
            type="primary",
            key=board.key("sketch.fit"),
            icon=":material/accessibility_new:",
        )
        as_it_is = st.button(
            "Use the sketch as it is",
            key=board.key("sketch.use"),
            icon=":material/gesture:",
            help="For scribble ControlNets: white strokes on black",
        )
    try:
        if figure or as_it_is:
            strokes = strokes_on(drawing, width, height)
            _take(board, strokes, width, height, figure=figure)
    except PoseError as error:
        st.warning(plain(str(error)), icon=":material/gesture:")


def _take(
    board: Board, strokes: tuple[Stroke, ...], width: int, height: int, *, figure: bool
) -> None:
    """Load the figure, or let a unit have the strokes. Raises PoseError."""
    if not strokes:
        raise PoseError("There is nothing on the canvas yet. Draw a figure first.")
    if figure:
        load(board, fit_sketch(strokes, width, height))
        remember(board, None)
        go_to(board, EDITOR_WAY)
    else:
        _hand_over(board)
    st.rerun()


def _hand_over(board: Board) -> None:
    """The first unit that draws from this board takes the sketch, where none does yet."""
    units = board.form.values().units
    drawn = [
        index
        for index, unit in enumerate(units)
        if unit.source.is_drawn and board_of(board.form, index, unit).name == board.name
    ] or [0]
    if not any(units[index].source is Source.SKETCH for index in drawn):
        units[drawn[0]] = units[drawn[0]].model_copy(update={"source": Source.SKETCH})
        board.form.put(units=units)


@st.cache_data(max_entries=16, show_spinner=False)
def _ground(photo: bytes, width: int, height: int) -> bytes:
    return photo_on_canvas(photo, width, height, paleness=_PALENESS)
