"""Draws the map that will steer the picture, exactly as the container gets it."""

import io
from base64 import b64encode

import streamlit as st

from formats.openpose.pose_map import draw_indexed
from formats.openpose.skeleton import Skeleton


def pose_preview(pose: Skeleton) -> None:
    """The map of a skeleton, pixel by pixel.

    Not by `st.image`, which makes wide pictures smaller and lets the browser fetch them.
    """
    source = _drawn(pose.model_dump_json())
    st.html(
        f"<img class='pose-map' src='{source}' alt='The OpenPose map' decoding='sync' "
        f"width='{pose.width}' height='{pose.height}'>"
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _drawn(pose: str) -> str:
    buffer = io.BytesIO()
    draw_indexed(Skeleton.model_validate_json(pose)).save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"
