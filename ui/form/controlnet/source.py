"""Draws what a ControlNet unit takes its map from: a drawing board, or a picture."""

from typing import Final

import streamlit as st

from formats.generation.controlnet_unit import Preprocessor
from formats.limits import MAX_SIDE, MIN_SIDE, SIDE_STEP
from ui.form.controlnet.image_field import unit_picture_field
from ui.form.controlnet.people import people_preview
from ui.form.image_field import preview
from ui.form.state import Form
from ui.form.values import Source, UnitValues
from ui.pose.board import Board, board_of, pose_to_send, sketch_map

_ABOUT: Final = {
    Preprocessor.NONE: "The picture is a finished map and is sent as it is.",
    Preprocessor.OPENPOSE: "Finds the people in a photo and draws their skeletons.",
    Preprocessor.CANNY: "Draws the edges of the picture, white on black.",
    Preprocessor.INVERT: "Turns black lines on white paper into white lines on black.",
    Preprocessor.THRESHOLD: "White where the picture is bright, black elsewhere.",
}


def unit_source(form: Form, index: int) -> None:
    """The choice, and what belongs to it."""
    st.segmented_control(
        "Source",
        list(Source),
        key=form.unit_key(index, "source"),
        required=True,
        format_func=lambda one: one.value,
    )
    unit = form.unit(index)
    if unit.source is Source.PICTURE:
        unit_picture_field(form, index)
        _preprocessor(form, index)
    else:
        _drawn(form, index, unit)


def _drawn(form: Form, index: int, unit: UnitValues) -> None:
    board = board_of(form, index, unit)
    if len(form.kept.units) > 1 or unit.own:
        st.checkbox(
            "A drawing board of its own",
            key=form.unit_key(index, "own"),
            on_change=_open_board,
            args=(form, index),
            help="Otherwise the units share one pose, photo and sketch.",
        )
    if unit.source is Source.POSE:
        st.caption(f"The figures on the drawing board “{board.name}”, at the picture's size.")
        return
    drawn = sketch_map(board)
    if drawn:
        preview(drawn, f"The sketch on the drawing board “{board.name}”")
    else:
        st.caption(f"Draw one above, under “Sketch” on the drawing board “{board.name}”.")


def _open_board(form: Form, index: int) -> None:
    """Go to the unit's board; its own one begins as a copy of the shared one."""
    unit = form.unit(index)
    if unit.own and unit.pose is None:
        form.put_unit(index, pose=pose_to_send(Board(form)))
    board_of(form, index, unit).show()


def _preprocessor(form: Form, index: int) -> None:
    key = form.unit_key(index, "preprocessor")
    st.selectbox("Preprocessor", list(Preprocessor), key=key, format_func=lambda one: one.value)
    unit = form.unit(index)
    st.caption(_ABOUT[unit.preprocessor])
    if unit.preprocessor is Preprocessor.OPENPOSE:
        people_preview(form, index)
    if unit.preprocessor is Preprocessor.CANNY:
        st.slider(
            "Thresholds A and B",
            0,
            255,
            key=form.unit_key(index, "edges"),
            help="Edges stronger than B are drawn, and those above A that touch them.",
        )
    if unit.preprocessor is Preprocessor.THRESHOLD:
        st.slider(
            "Threshold A",
            0,
            255,
            key=form.unit_key(index, "brightness"),
            help="Brightness above which a pixel is white.",
        )
    if unit.preprocessor is not Preprocessor.NONE:
        _resolution(form, index, unit)


def _resolution(form: Form, index: int, unit: UnitValues) -> None:
    st.toggle(
        "Pixel perfect",
        key=form.unit_key(index, "pixel_perfect"),
        help="The preprocessor works at the size at which the map is used, so that nothing is "
        "scaled twice. Switch it off to choose the shorter side yourself.",
    )
    if not unit.pixel_perfect:
        st.slider(
            "Preprocessor resolution",
            MIN_SIDE,
            MAX_SIDE,
            step=SIDE_STEP,
            key=form.unit_key(index, "resolution"),
            help="Shorter side in pixels: fewer make coarser maps, more make finer ones.",
        )
