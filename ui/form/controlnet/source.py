"""What a ControlNet unit takes its map from: a drawing board, or an image with a preprocessor."""

import streamlit as st

from core.jobs.preparing.draft import DraftUnit
from core.jobs.preparing.unit_notes import may_hold_people
from core.poses.files import export_png, pose_from_image
from formats.generation.controlnet_unit import Preprocessor
from formats.limits import MAX_SIDE, MIN_SIDE, SIDE_STEP
from poses.image_pose import ImagePose
from ui.form.image.image_field import image_field, image_preview, unit_image
from ui.form.state import Form
from ui.form.values import Source, UnitValues
from ui.pose.board import Board, board_of, pose_to_send, sketch_map
from ui.texts.form import controlnet as texts


def unit_source(form: Form, index: int) -> None:
    """The choice, and what belongs to it."""
    st.segmented_control(
        texts.SOURCE,
        list(Source),
        key=form.unit_key(index, "source"),
        required=True,
        format_func=lambda one: one.value,
    )
    unit = form.unit(index)
    if unit.source is Source.IMAGE:
        image_field(form, unit_image(index))
        _preprocessor(form, index)
    else:
        _board(form, index, unit)


def _board(form: Form, index: int, unit: UnitValues) -> None:
    board = board_of(form, index, unit)
    if len(form.kept.units) > 1 or unit.own:
        st.checkbox(
            texts.OWN_BOARD,
            key=form.unit_key(index, "own"),
            on_change=_open_board,
            args=(form, index),
            help=texts.OWN_BOARD_HELP,
        )
    if unit.source is Source.POSE:
        st.caption(texts.pose_source(board.name))
        return
    sketch = sketch_map(board)
    if sketch:
        image_preview(sketch, texts.sketch_alt(board.name))
    else:
        st.caption(texts.draw_sketch(board.name))


def _open_board(form: Form, index: int) -> None:
    """Go to the unit's board; its own one begins as a copy of the shared one."""
    unit = form.unit(index)
    if unit.own and unit.pose is None:
        form.put_unit(index, pose=pose_to_send(Board(form)))
    board_of(form, index, unit).show()


def _preprocessor(form: Form, index: int) -> None:
    key = form.unit_key(index, "preprocessor")
    st.selectbox(texts.PREPROCESSOR, list(Preprocessor), key=key, format_func=lambda one: one.value)
    unit = form.unit(index)
    st.caption(texts.ABOUT_PREPROCESSOR[unit.preprocessor])
    if unit.preprocessor is Preprocessor.OPENPOSE:
        _people(form, index)
    if unit.preprocessor is Preprocessor.CANNY:
        st.slider(
            texts.EDGES,
            0,
            255,
            key=form.unit_key(index, "edges"),
            help=texts.EDGES_HELP,
        )
    if unit.preprocessor is Preprocessor.THRESHOLD:
        st.slider(
            texts.BRIGHTNESS,
            0,
            255,
            key=form.unit_key(index, "brightness"),
            help=texts.BRIGHTNESS_HELP,
        )
    if unit.preprocessor is not Preprocessor.NONE:
        _resolution(form, index, unit)


def _resolution(form: Form, index: int, unit: UnitValues) -> None:
    st.toggle(
        texts.PIXEL_PERFECT,
        key=form.unit_key(index, "pixel_perfect"),
        help=texts.PIXEL_PERFECT_HELP,
    )
    if not unit.pixel_perfect:
        st.slider(
            texts.RESOLUTION,
            MIN_SIDE,
            MAX_SIDE,
            step=SIDE_STEP,
            key=form.unit_key(index, "resolution"),
            help=texts.RESOLUTION_HELP,
        )


def people_in(unit: DraftUnit) -> ImagePose | None:
    """Who is found in the unit's image; None where that makes no difference to it."""
    return _find_people(unit.image) if unit.image and may_hold_people(unit) else None


def _people(form: Form, index: int) -> None:
    """The skeletons that the preprocessor will find, and a way to correct them by hand."""
    data = form.image(unit_image(index).name)
    people = _find_people(data) if data else None
    if people is None or people.is_empty or people.is_map:
        return
    image_preview(export_png(people.skeleton), texts.FOUND_PEOPLE_ALT)
    st.caption(texts.people_found(len(people.skeleton.people)))
    st.button(
        texts.CORRECT_POSE,
        key=form.unit_key(index, "correct"),
        icon=":material/edit:",
        on_click=_correct,
        args=(form, index),
    )


def _correct(form: Form, index: int) -> None:
    """The photo and its people go onto the unit's own board, which is its source from now on."""
    data = form.image(unit_image(index).name)
    if data is None:
        return
    units = form.values().units
    units[index] = units[index].model_copy(update={"source": Source.POSE, "own": True})
    form.put(units=units)
    board = Board(form, index)
    board.load(_find_people(data).skeleton)
    board.put_photo(data)
    board.show()


@st.cache_data(max_entries=64, show_spinner=texts.LOOKING_FOR_PEOPLE)
def _find_people(data: bytes) -> ImagePose:
    return pose_from_image(data)
