"""Draws the pose studio: the ways to a pose, and the map that it makes."""

import streamlit as st

from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from ui.form.state import Form
from ui.pose.board import Board, open_board
from ui.pose.current_pose import EDITOR, fit_to_request, load, version
from ui.pose.editor import pose_editor
from ui.pose.export import pose_export
from ui.pose.library import pose_library
from ui.pose.mode import SKETCH_WAY, pose_way
from ui.pose.photo import photo_buttons, photo_url
from ui.pose.preview import pose_preview
from ui.pose.save import pose_save, remember
from ui.pose.sketch import pose_sketch
from ui.pose.table import pose_table
from ui.pose.upload import pose_upload, upload_selector


@st.fragment
def pose_studio(form: Form) -> None:
    """The way that is open. Only this part runs again while a figure is dragged."""
    with st.container(border=True, key="pose-studio"):
        board = open_board(form)
        if pose_way(board) == SKETCH_WAY:
            pose_sketch(board)
            pose_upload(board)
        else:
            _edit(board)


def _edit(board: Board) -> None:
    """The editor, the map beside it, and what can be done with the pose."""
    pose = fit_to_request(board)
    left, right = st.columns([8, 3])
    with left:
        drawn = pose_editor(
            pose,
            key=board.key(EDITOR),
            version=version(board),
            background_url=photo_url(board, pose),
            background_size=board.photo_size,
            upload=upload_selector(board),
        )
    if drawn != pose:
        board.put(pose=drawn)
        if drawn.shows_nobody != pose.shows_nobody:
            st.rerun()  # the units say when there is nobody to follow
    with right:
        pose_preview(drawn)
        st.caption(f"The map, {drawn.width} x {drawn.height}")
        _beside(board, drawn)
    pose_upload(board)
    _table(board, drawn)


def _beside(board: Board, pose: Skeleton) -> None:
    if st.button(
        "Pose library", key=board.key("library"), icon=":material/photo_library:", width="stretch"
    ):
        pose_library(board)
    pose_save(board)
    pose_export(board, pose)
    st.button(
        "Default pose",
        key=board.key("pose.default"),
        width="stretch",
        icon=":material/accessibility_new:",
        on_click=_start_anew,
        args=(board,),
    )
    photo_buttons(board, pose)


def _start_anew(board: Board) -> None:
    load(board, default_pose())
    remember(board, None)


def _table(board: Board, pose: Skeleton) -> None:
    panel = st.expander(
        "Move the joints in a table",
        icon=":material/table:",
        key=board.key("table"),
        on_change="rerun",
    )
    if not panel.open:
        return  # a table takes longer to draw than all else here
    with panel:
        moved = pose_table(pose, board.key("pose"))
    if moved != pose:
        board.put(pose=moved)
        st.rerun()
