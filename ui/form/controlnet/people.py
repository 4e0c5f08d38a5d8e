"""Draws the people that a photo's preprocessor will find, before anything is sent."""

import streamlit as st

from core.jobs.draft import DraftUnit
from core.jobs.unit_notes import may_hold_people
from core.poses.files import export_png, pose_from_image
from poses.image_pose import ImagePose
from ui.form.controlnet.unit_images import unit_picture
from ui.form.image_field import preview
from ui.form.state import Form
from ui.form.values import Source
from ui.pose.board import Board


def people_in(unit: DraftUnit) -> ImagePose | None:
    """Who is found in the unit's picture; None where that makes no difference to it."""
    return _found(unit.picture) if unit.picture and may_hold_people(unit) else None


def people_preview(form: Form, index: int) -> None:
    """The skeletons, and a way to correct them by hand."""
    data = form.picture(unit_picture(index))
    found = _found(data) if data else None
    if found is None or found.is_empty or found.is_map:
        return
    preview(export_png(found.skeleton), "The skeletons found in the photo")
    number = len(found.skeleton.people)
    st.caption(
        f"{number} {'person' if number == 1 else 'people'} found. The container looks again at "
        "the preprocessor's resolution when the picture is made."
    )
    st.button(
        "Correct it in the pose editor",
        key=form.unit_key(index, "correct"),
        icon=":material/edit:",
        on_click=_correct,
        args=(form, index),
    )


def _correct(form: Form, index: int) -> None:
    """The photo and its people go onto the unit's own board, which is its source from now on."""
    data = form.picture(unit_picture(index))
    if data is None:
        return
    units = form.values().units
    units[index] = units[index].model_copy(update={"source": Source.POSE, "own": True})
    form.put(units=units)
    board = Board(form, index)
    board.load(_found(data).skeleton)
    board.put_photo(data)
    board.show()


@st.cache_data(max_entries=64, show_spinner="Looking for people…")
def _found(data: bytes) -> ImagePose:
    return pose_from_image(data)
