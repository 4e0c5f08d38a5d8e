"""Draws the sketch: strokes become a figure, or go to a unit as they are."""

import streamlit as st

from core.pose_fit import photo_on_canvas
from core.scribble import resized, scribble
from formats.openpose import PoseError
from poses.sketch import fit_sketch
from poses.strokes import Stroke, strokes_of
from ui.current_pose import fit_to_request, load
from ui.form import Form
from ui.form_values import Source
from ui.pose_save import remember
from ui.pose_way import EDITOR_WAY, go_to
from ui.sketch_canvas import scale_of, sketch_canvas
from ui.unit_pictures import PHOTO, SKETCH
from ui.words import plain


def pose_sketch(form: Form) -> None:
    """The canvas, and its two ways out."""
    pose = fit_to_request(form)
    width, height = pose.width, pose.height
    photo = form.picture(PHOTO)
    st.caption("A round head, a line for the body, one for each arm and leg.")
    with st.container(key="sketch-canvas"):
        drawing = sketch_canvas(
            width, height, key=form.key("sketch.canvas"),
            photo=_ground(photo, width, height) if photo else None,
        )  # fmt: skip
    with st.container(horizontal=True):
        figure = st.button(
            "Make a skeleton of it", type="primary", key=form.key("sketch.fit"),
            icon=":material/accessibility_new:",
        )  # fmt: skip
        as_it_is = st.button(
            "Use the sketch as it is", key=form.key("sketch.use"),
            icon=":material/gesture:", help="For scribble ControlNets: white strokes on black",
        )  # fmt: skip
    try:
        if figure or as_it_is:
            strokes = resized(strokes_of(drawing), scale_of(width, height))
            _take(form, strokes, width, height, figure=figure)
    except PoseError as error:
        st.warning(plain(str(error)), icon=":material/gesture:")


def _take(
    form: Form, strokes: tuple[Stroke, ...], width: int, height: int, *, figure: bool
) -> None:
    """Load the figure, or hand the strokes to a unit. Raises PoseError."""
    if not strokes:
        raise PoseError("There is nothing on the canvas yet. Draw a figure first.")
    if figure:
        load(form, fit_sketch(strokes, width, height))
        remember(form, None)
        go_to(form, EDITOR_WAY)
        st.rerun()
    form.put_picture(SKETCH, scribble(strokes, width, height))
    units = form.values().units
    if not any(unit.source is Source.SKETCH for unit in units):
        form.put(units=[units[0].model_copy(update={"source": Source.SKETCH}), *units[1:]])
    st.rerun()


@st.cache_data(max_entries=16, show_spinner=False)
def _ground(photo: bytes, width: int, height: int) -> bytes:
    return photo_on_canvas(photo, width, height)
