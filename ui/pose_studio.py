"""Draws the pose studio: the ways to a pose, and the map that it makes."""

from base64 import b64encode

import streamlit as st

from core.pose_fit import photo_on_canvas
from formats.openpose import Skeleton
from ui.current_pose import EDITOR, fit_to_request, load, version
from ui.default_pose import default_pose
from ui.form import Form
from ui.pose_editor import pose_editor
from ui.pose_export import pose_export
from ui.pose_library import pose_library
from ui.pose_preview import pose_preview
from ui.pose_save import pose_save, remember
from ui.pose_sketch import pose_sketch
from ui.pose_table import pose_table
from ui.pose_upload import drop_photo, pose_upload
from ui.pose_way import SKETCH_WAY, pose_way
from ui.unit_pictures import PHOTO


@st.fragment
def pose_studio(form: Form) -> None:
    """The way that is open. Only this part runs again while a figure is dragged."""
    with st.container(border=True, key="pose-studio"):
        if pose_way(form) == SKETCH_WAY:
            pose_sketch(form)
            pose_upload(form)
        else:
            _edit(form)


def _edit(form: Form) -> None:
    """The editor, the map beside it, and what can be done with the pose."""
    pose = fit_to_request(form)
    left, right = st.columns([8, 3])
    with left:
        drawn = pose_editor(
            pose, key=form.key(EDITOR), version=version(form),
            background_url=_photo_url(form, pose),
        )  # fmt: skip
    if drawn != pose:
        form.put(pose=drawn)
    with right:
        pose_preview(drawn, None)
        st.caption(f"The map, {drawn.width} x {drawn.height}")
        _beside(form, drawn)
    pose_upload(form)
    _table(form, drawn)


def _beside(form: Form, pose: Skeleton) -> None:
    if st.button(
        "Pose library", key=form.key("library"), icon=":material/photo_library:", width="stretch"
    ):
        pose_library(form)
    pose_save(form)
    pose_export(form, pose)
    st.button(
        "Default pose", key=form.key("pose.default"), width="stretch",
        icon=":material/accessibility_new:", on_click=_start_anew, args=(form,),
    )  # fmt: skip
    if form.picture(PHOTO) is not None:
        st.button(
            "Remove the photo", key=form.key("photo.remove"), width="stretch",
            icon=":material/hide_image:", on_click=drop_photo, args=(form,),
        )  # fmt: skip


def _start_anew(form: Form) -> None:
    load(form, default_pose())
    remember(form, None)


def _table(form: Form, pose: Skeleton) -> None:
    with st.expander("Move the joints in a table", icon=":material/table:"):
        moved = pose_table(pose, form.key("pose"))
    if moved != pose:
        form.put(pose=moved)
        st.rerun()


def _photo_url(form: Form, pose: Skeleton) -> str | None:
    photo = form.picture(PHOTO)
    return _data_url(photo, pose.width, pose.height) if photo else None


@st.cache_data(max_entries=16, show_spinner=False)
def _data_url(photo: bytes, width: int, height: int) -> str:
    """The photo as the editor's ground. It was never sent anywhere, so it has no address yet."""
    placed = photo_on_canvas(photo, width, height)
    return f"data:image/webp;base64,{b64encode(placed).decode()}"
