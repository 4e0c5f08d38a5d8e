"""Draws the one drop zone of the pose studio: a photo, an OpenPose map, or a pose file."""

import re

import streamlit as st

from core.errors import InvalidInput
from core.images.files import check_image
from core.poses.files import import_pose, pose_from_image
from formats.openpose.skeleton import Skeleton
from ui.pose.board import Board
from ui.pose.current_pose import load, version
from ui.pose.mode import EDITOR_WAY, SKETCH_WAY, go_to, way_of
from ui.pose.save import remember
from ui.texts.formatting import plain

_UPLOAD = "pose.upload"
_SAID = "pose.said"
_NOBODY = (
    "Nobody was found in this photo. It lies under the figure now: drag the figure over it, or "
    "try a photo in which people are seen from head to foot."
)


def pose_upload(board: Board) -> None:
    """The drop zone, and what came of the last file."""
    key = board.key(_UPLOAD)
    sketching = way_of(board) == SKETCH_WAY
    st.file_uploader(
        f"{'Picture to draw over' if sketching else 'Photo'}, OpenPose map, or pose file (JSON)",
        type=["png", "jpg", "jpeg", "webp", "json"], key=key, on_change=_take, args=(board, key),
    )  # fmt: skip
    kind, said, loaded = st.session_state.get(board.key(_SAID), ("", "", 0))
    if loaded != version(board):
        return  # another pose was loaded since
    if kind == "error":
        st.error(plain(said))
    elif said:
        st.info(said, icon=":material/info:")


def upload_selector(board: Board) -> str:
    """How a script on the page finds the drop zone's field; Streamlit names it by its key."""
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", board.key(_UPLOAD))
    return f".st-key-{name} input[type=file]"


def _take(board: Board, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        drop_photo(board)
        return
    try:
        kind, said = "info", _read(board, uploaded.getvalue(), uploaded.name)
    except InvalidInput as error:
        kind, said = "error", str(error)
    st.session_state[board.key(_SAID)] = (kind, said, version(board))


def drop_photo(board: Board) -> None:
    """From a callback: take the photo away from under the figure."""
    board.put_photo(None)
    st.session_state.pop(board.key(_SAID), None)


def _read(board: Board, data: bytes, name: str) -> str:
    """Take the file over. Returns what to say of it. Raises InvalidInput; then nothing changed."""
    if name.lower().endswith(".json"):
        _show(board, import_pose(data))
        return ""
    found = pose_from_image(data)
    if found.is_map:
        _show(board, found.skeleton)
        board.put_photo(None)
        return "This is an OpenPose map: its joints were read back and can be moved."
    board.put_photo(check_image(data, "photo").data)
    if way_of(board) == SKETCH_WAY:
        return "Draw over it. It is no part of the sketch."
    if found.is_empty:
        return _NOBODY
    _show(board, found.skeleton)
    number = len(found.skeleton.people)
    return f"Found {number} {'person' if number == 1 else 'people'}. Correct what is off."


def _show(board: Board, pose: Skeleton) -> None:
    load(board, pose)
    remember(board, None)
    go_to(board, EDITOR_WAY)
