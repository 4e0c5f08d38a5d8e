"""Files dropped on the pose studio: a photo, an OpenPose map, or a pose; and the photo after."""

import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.errors import InvalidInput
from core.images.files import check_image
from core.poses.files import import_pose, notices_of_map, pose_from_image
from formats.image_files import FILE_ENDINGS
from formats.openpose.json_text import starts_as_json
from formats.openpose.skeleton import Skeleton
from poses.canvas import Size, aspect_size, photo_on_canvas
from ui.pose.board import Board, PoseMode
from ui.texts.formatting import escape, image_size
from ui.texts.pose import studio as texts

_UPLOAD: Final = "pose.upload"
_NOTE: Final = "pose.note"
_SAME_SHAPE: Final = 0.03
"""Proportions this near to the image's are as good as equal."""


def pose_upload(board: Board) -> None:
    """The drop zone, and what came of the last file."""
    key = board.key(_UPLOAD)
    is_sketch = board.mode is PoseMode.SKETCH
    st.file_uploader(
        texts.UPLOAD_TO_SKETCH if is_sketch else texts.UPLOAD,
        type=[*FILE_ENDINGS, "json"],
        key=key,
        on_change=_take_file,
        args=(board, key),
    )
    error, note, version = st.session_state.get(board.key(_NOTE), ("", "", 0))
    if version != board.version:
        return  # another pose was loaded since
    if error:
        st.error(escape(error))
    elif note:
        st.info(note, icon=":material/info:")


def upload_selector(board: Board) -> str:
    """How a script on the page finds the drop zone's field; Streamlit names it by its key."""
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", board.key(_UPLOAD))
    return f".st-key-{name} input[type=file]"


def _take_file(board: Board, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        _remove_photo(board)
        return
    error = note = ""
    try:
        note = _read(board, uploaded.getvalue(), uploaded.name)
    except InvalidInput as refusal:
        error = str(refusal)
    st.session_state[board.key(_NOTE)] = (error, note, board.version)


def _read(board: Board, data: bytes, name: str) -> str:
    """Take the file over. Returns a note on it. Raises InvalidInput; then nothing changed."""
    if name.lower().endswith(".json") or starts_as_json(data):
        pose_file = import_pose(data)
        _load(board, pose_file.skeleton)
        return _listed(pose_file.notices)
    image_pose = pose_from_image(data)
    if image_pose.is_map:
        _load(board, image_pose.skeleton)
        board.put_photo(None)
        left_out = notices_of_map(has_hands=image_pose.has_hands, has_faces=image_pose.has_faces)
        return " ".join((texts.MAP_READ, *left_out))
    board.put_photo(check_image(data, "photo").data)
    if board.mode is PoseMode.SKETCH:
        return texts.PHOTO_TO_SKETCH
    if image_pose.is_empty:
        return texts.NOBODY_FOUND
    _load(board, image_pose.skeleton)
    return texts.people_found(len(image_pose.skeleton.people))


def _listed(notices: Sequence[str]) -> str:
    """What reading a pose file left out or changed, in Markdown; empty for nothing."""
    lines = [f"- {escape(notice)}" for notice in notices]
    return "\n".join((texts.POSE_READ, "", *lines)) if lines else ""


def _load(board: Board, pose: Skeleton) -> None:
    board.load(pose)
    board.open_mode(PoseMode.EDITOR)


def photo_buttons(board: Board, pose: Skeleton) -> None:
    """Remove the photo, or give the image its shape. Nothing where there is none."""
    photo = board.photo_size
    if photo is None:
        return
    st.button(
        texts.REMOVE_PHOTO,
        key=board.key("photo.remove"),
        width="stretch",
        icon=":material/hide_image:",
        on_click=_remove_photo,
        args=(board,),
    )
    shape = aspect_size(photo, pose.width, pose.height)
    ratio = (pose.width / pose.height) / (photo[0] / photo[1])
    if abs(ratio - 1) > _SAME_SHAPE and st.button(
        texts.TAKE_SHAPE,
        key=board.key("photo.shape"),
        width="stretch",
        icon=":material/aspect_ratio:",
        on_click=_take_shape,
        args=(board, shape),
        help=texts.take_shape_help(image_size(*shape)),
    ):
        st.rerun()


def _remove_photo(board: Board) -> None:
    board.put_photo(None)
    st.session_state.pop(board.key(_NOTE), None)


def _take_shape(board: Board, shape: Size) -> None:
    board.form.put(width=shape[0], height=shape[1])


def photo_url(board: Board, pose: Skeleton) -> str | None:
    """The photo as the editor's background."""
    photo = board.photo
    return _data_url(photo, pose.width, pose.height) if photo else None


@st.cache_data(max_entries=16, show_spinner=False)
def _data_url(photo: bytes, width: int, height: int) -> str:
    """It was never sent anywhere, so it has no address yet."""
    placed = photo_on_canvas(photo, width, height)
    return f"data:image/webp;base64,{b64encode(placed).decode()}"
