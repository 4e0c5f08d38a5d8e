"""Owns which way to a pose is open: the editor, or the sketch."""

from typing import Final

import streamlit as st

from ui.pose.board import Board

EDITOR_WAY: Final = "Pose editor"
SKETCH_WAY: Final = "Sketch"


def pose_way(board: Board) -> str:
    """Draw the switch. Returns the way that is open."""
    key = board.key("pose.way")
    asked = st.session_state.pop(f"{key}.next", None)
    if asked:
        st.session_state[key] = asked
    st.session_state.setdefault(key, EDITOR_WAY)
    st.segmented_control(
        "Way to the pose",
        [EDITOR_WAY, SKETCH_WAY],
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    return way_of(board)


def way_of(board: Board) -> str:
    """The way that is open, without drawing the switch."""
    return str(st.session_state.get(board.key("pose.way"), EDITOR_WAY))


def go_to(board: Board, way: str) -> None:
    """Open that way at the next run; the switch of this one is drawn already."""
    st.session_state[f"{board.key('pose.way')}.next"] = way
