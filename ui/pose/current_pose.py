"""Owns the pose of a board: on a canvas of the request's size, up to date with the browser."""

from typing import Final

import streamlit as st

from formats.limits import MAX_SIDE, MIN_SIDE
from formats.openpose.skeleton import Skeleton
from poses.canvas import fit_to_canvas
from ui.pose.board import Board
from ui.pose.default_pose import default_pose
from ui.pose.editor import newest_pose

EDITOR: Final = "pose.editor"
_VERSION: Final = "pose.version"
_FITTED: Final = "pose.fitted"


def current_pose(board: Board) -> Skeleton | None:
    """The pose as the editor has it, also where its last change was not drawn yet."""
    pose = board.pose
    return newest_pose(pose, key=board.key(EDITOR)) if pose else None


def pose_to_send(board: Board) -> Skeleton:
    """The same as a request gets it: on its canvas, also where the board is not open."""
    return _moved(board, current_pose(board) or default_pose())


def version(board: Board) -> int:
    """Counts what was loaded; the editor begins anew with each."""
    return int(st.session_state.get(board.key(_VERSION), 0))


def load(board: Board, pose: Skeleton) -> None:
    """Put another pose into the editor, as large as the canvas allows."""
    st.session_state[board.key(_VERSION)] = version(board) + 1
    board.put(pose=fit_to_canvas(pose, *canvas(board, pose)))


def fit_to_request(board: Board) -> Skeleton:
    """The board's pose, or the default one, moved onto another canvas where the size changed.

    A size that changes twice before the figure is touched is fitted once, from the first.
    """
    held = board.pose or default_pose()
    if (held.width, held.height) != canvas(board, held):
        pose = current_pose(board) or held
        first, last = st.session_state.get(board.key(_FITTED), (pose, pose))
        start = first if pose == last else pose
        held = _moved(board, start)
        st.session_state[board.key(_FITTED)] = (start, held)
    if held != board.pose:
        board.put(pose=held)
    return held


def _moved(board: Board, pose: Skeleton) -> Skeleton:
    """On a canvas of the request's size; where a photo lies under it, it stays on the photo."""
    return fit_to_canvas(pose, *canvas(board, pose), board.photo_size)


def canvas(board: Board, pose: Skeleton) -> tuple[int, int]:
    """The request's size; the pose's own while the form has one that is not allowed."""
    sides = (board.form.get("width"), board.form.get("height"))
    if all(isinstance(side, int) and MIN_SIDE <= side <= MAX_SIDE for side in sides):
        return sides
    return pose.width, pose.height
