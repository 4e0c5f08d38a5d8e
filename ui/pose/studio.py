"""The pose studio: a board in the editor with the map it makes, or its sketch."""

import html
import io
from base64 import b64encode

import streamlit as st

from formats.openpose.pose_map import draw_indexed
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from ui.form.state import Form
from ui.pose.board import (
    EDITOR,
    MODE,
    NEXT_MODE,
    OPEN,
    Board,
    PoseMode,
    boards,
    fit_to_request,
)
from ui.pose.editor import EditorOptions, pose_editor
from ui.pose.library import pose_library
from ui.pose.photo import photo_buttons, photo_url, pose_upload, upload_selector
from ui.pose.save import pose_export, pose_save
from ui.pose.sketch import pose_sketch
from ui.pose.table import pose_table
from ui.texts.formatting import image_size
from ui.texts.pose import studio as texts


@st.fragment
def pose_studio(form: Form) -> None:
    """The open board in its mode. Only this part runs again while a figure is dragged."""
    with st.container(border=True, key="pose-studio"):
        board = _board_switch(form)
        if _mode_switch(board) is PoseMode.SKETCH:
            pose_sketch(board)
            pose_upload(board)
        else:
            _editor(board)


def _board_switch(form: Form) -> Board:
    """A switch where there are several boards. Returns the one to work at."""
    by_name = {board.name: board for board in boards(form)}
    key = form.key(OPEN)
    if st.session_state.get(key) not in by_name:
        st.session_state[key] = texts.SHARED_BOARD
    if len(by_name) > 1:
        st.segmented_control(
            texts.BOARD,
            list(by_name),
            key=key,
            required=True,
            help=texts.BOARD_HELP,
        )
    return by_name[st.session_state[key]]


def _mode_switch(board: Board) -> PoseMode:
    """Returns the mode that is open."""
    key = board.key(MODE)
    st.session_state[key] = st.session_state.pop(board.key(NEXT_MODE), board.mode)
    st.segmented_control(
        texts.MODE,
        list(PoseMode),
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    return board.mode


def _editor(board: Board) -> None:
    """The editor, the map beside it, and what can be done with the pose."""
    pose = fit_to_request(board)
    left, right = st.columns([8, 3])
    with left:
        edited = pose_editor(
            pose,
            key=board.key(EDITOR),
            version=board.version,
            options=EditorOptions(
                background_url=photo_url(board, pose),
                background_size=board.photo_size,
                upload=upload_selector(board),
            ),
        )
    if edited != pose:
        board.put(pose=edited)
        if edited.shows_nobody != pose.shows_nobody:
            st.rerun()  # the units say when there is nobody to follow
    with right:
        pose_map(edited)
        st.caption(texts.map_caption(image_size(edited.width, edited.height)))
        _buttons(board, edited)
    pose_upload(board)
    _table(board, edited)


def pose_map(pose: Skeleton) -> None:
    """The map that will steer the image, pixel by pixel as the container gets it.

    Not by `st.image`, which makes wide images smaller and lets the browser fetch them.
    """
    source, alt = _map_url(pose.model_dump_json()), html.escape(texts.MAP_ALT)
    st.html(
        f"<img class='pose-map' src='{source}' alt='{alt}' decoding='sync' "
        f"width='{pose.width}' height='{pose.height}'>"
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _map_url(pose: str) -> str:
    buffer = io.BytesIO()
    draw_indexed(Skeleton.model_validate_json(pose)).save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


def _buttons(board: Board, pose: Skeleton) -> None:
    if st.button(
        texts.LIBRARY, key=board.key("library"), icon=":material/photo_library:", width="stretch"
    ):
        pose_library(board)
    pose_save(board)
    pose_export(board, pose)
    st.button(
        texts.DEFAULT_POSE,
        key=board.key("pose.default"),
        width="stretch",
        icon=":material/accessibility_new:",
        on_click=board.load,
        args=(default_pose(),),
    )
    photo_buttons(board, pose)


def _table(board: Board, pose: Skeleton) -> None:
    panel = st.expander(
        texts.TABLE,
        icon=":material/table:",
        key=board.key("table"),
        on_change="rerun",
    )
    if not panel.open:
        return  # a table takes longer to render than all else here
    with panel:
        edited = pose_table(pose, board.key("pose"))
    if edited != pose:
        board.put(pose=edited)
        st.rerun()
