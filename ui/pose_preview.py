"""Draws the map that will steer the picture, exactly as the container gets it."""

import io

import streamlit as st

from formats.openpose import Skeleton
from formats.openpose_map import draw
from ui.start_picture import preview


def pose_preview(pose: Skeleton | None, picture: bytes | None) -> None:
    """The map of a skeleton, else the map that was uploaded."""
    if pose is not None:
        drawn = _drawn(pose.model_dump_json())
        # PNG in, PNG out: Streamlit turns any other format into a JPEG, which smears the joints.
        st.image(drawn, width="stretch", output_format="PNG", alt="The OpenPose map")
    elif picture is not None:
        preview(picture, "The OpenPose map")


@st.cache_data(max_entries=64, show_spinner=False)
def _drawn(pose: str) -> bytes:
    buffer = io.BytesIO()
    draw(Skeleton.model_validate_json(pose)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
