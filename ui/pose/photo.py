"""Draws what can be done with the photo under the figures, and gives it an address."""

from base64 import b64encode
from typing import Final

import streamlit as st

from formats.openpose.skeleton import Skeleton
from poses.canvas import Size, aspect_size, photo_on_canvas
from ui.pose.board import Board
from ui.pose.upload import drop_photo

_SAME_SHAPE: Final = 0.03
"""Proportions this near to the picture's are as good as equal."""


def photo_buttons(board: Board, pose: Skeleton) -> None:
    """Remove it, or give the picture its shape. Nothing where there is none."""
    photo = board.photo_size
    if photo is None:
        return
    st.button(
        "Remove the photo", key=board.key("photo.remove"), width="stretch",
        icon=":material/hide_image:", on_click=drop_photo, args=(board,),
    )  # fmt: skip
    shape = aspect_size(photo, pose.width, pose.height)
    off = (pose.width / pose.height) / (photo[0] / photo[1])
    if abs(off - 1) > _SAME_SHAPE and st.button(
        "Take its shape", key=board.key("photo.shape"), width="stretch",
        icon=":material/aspect_ratio:", on_click=_take_shape, args=(board, shape),
        help=f"Makes the picture {shape[0]} x {shape[1]}, in the photo's proportions",
    ):  # fmt: skip
        st.rerun()


def _take_shape(board: Board, shape: Size) -> None:
    board.form.put(width=shape[0], height=shape[1])


def photo_url(board: Board, pose: Skeleton) -> str | None:
    """The photo as the editor's ground."""
    photo = board.photo
    return _data_url(photo, pose.width, pose.height) if photo else None


@st.cache_data(max_entries=16, show_spinner=False)
def _data_url(photo: bytes, width: int, height: int) -> str:
    """It was never sent anywhere, so it has no address yet."""
    placed = photo_on_canvas(photo, width, height)
    return f"data:image/webp;base64,{b64encode(placed).decode()}"
