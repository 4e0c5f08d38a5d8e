"""Draws the one drop zone of the pose studio: a photo, an OpenPose map, or a pose file."""

import streamlit as st

from core.errors import InvalidInput
from core.pictures import check_picture
from core.pose_files import import_pose, pose_of_picture
from formats.openpose import Skeleton
from ui.current_pose import load, version
from ui.form import Form
from ui.pose_save import remember
from ui.pose_way import EDITOR_WAY, go_to
from ui.unit_pictures import PHOTO
from ui.words import plain

_SAID = "pose.said"
_NOBODY = (
    "Nobody was found in this photo. It lies under the figure now: drag the figure over it, or "
    "try a photo in which people are seen from head to foot."
)


def pose_upload(form: Form) -> None:
    """The drop zone, and what came of the last file."""
    key = form.key("pose.upload")
    st.file_uploader(
        "Photo, OpenPose map, or pose file (JSON)", type=["png", "jpg", "jpeg", "webp", "json"],
        key=key, on_change=_take, args=(form, key),
    )  # fmt: skip
    kind, said, loaded = st.session_state.get(form.key(_SAID), ("", "", 0))
    if loaded != version(form):
        return  # another pose was loaded since
    if kind == "error":
        st.error(plain(said))
    elif said:
        st.info(said, icon=":material/info:")


def _take(form: Form, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    try:
        kind, said = "info", _read(form, uploaded.getvalue(), uploaded.name)
    except InvalidInput as error:
        kind, said = "error", str(error)
    st.session_state[form.key(_SAID)] = (kind, said, version(form))


def drop_photo(form: Form) -> None:
    """From a callback: take the photo away from under the figure."""
    form.put_picture(PHOTO, None)
    st.session_state.pop(form.key(_SAID), None)


def _read(form: Form, data: bytes, name: str) -> str:
    """Take the file over. Returns what to say of it. Raises InvalidInput; then nothing changed."""
    if name.lower().endswith(".json"):
        _show(form, import_pose(data))
        return ""
    found = pose_of_picture(data)
    if found.is_map:
        _show(form, found.skeleton)
        form.put_picture(PHOTO, None)
        return "This is an OpenPose map: its joints were read back and can be moved."
    form.put_picture(PHOTO, check_picture(data, PHOTO))
    if found.is_empty:
        return _NOBODY
    _show(form, found.skeleton)
    number = len(found.skeleton.people)
    return f"Found {number} {'person' if number == 1 else 'people'}. Correct what is off."


def _show(form: Form, pose: Skeleton) -> None:
    load(form, pose)
    remember(form, None)
    go_to(form, EDITOR_WAY)
