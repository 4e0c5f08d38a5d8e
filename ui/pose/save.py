"""Draws how the editor's pose is saved for the team: as a new pose, or over the one loaded."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.poses.records import SavedPose
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from ui.errors import messages_of, show_at
from ui.pose.board import Board
from ui.pose.current_pose import current_pose
from ui.state import studio, user
from ui.texts.formatting import plain

_NAME: Final = "saved.name"
_TAGS: Final = "saved.tags"
_PROBLEMS: Final = "saved.problems"
_DONE: Final = "saved.done"

Write = Callable[[str, list[str], Skeleton], SavedPose]


def remember(board: Board, saved: SavedPose | None) -> None:
    """The editor's pose came from this one of the team; None for another origin."""
    state = st.session_state
    board.put(saved=saved)
    state[board.key(_NAME)], state[board.key(_TAGS)] = _named(saved)
    state[board.key(_PROBLEMS)] = {}
    state[board.key(_DONE)] = ""


def _named(saved: SavedPose | None) -> tuple[str, str]:
    """Name and tags as they stand in the boxes."""
    return (saved.name, ", ".join(saved.tags)) if saved else ("", "")


def pose_save(board: Board) -> None:
    """Name, tags, and the two buttons."""
    state = st.session_state
    saved = board.saved
    for key, text in zip((_NAME, _TAGS), _named(saved), strict=True):
        state.setdefault(board.key(key), text)
    problems: dict[str, str] = state.get(board.key(_PROBLEMS), {})
    with st.popover("Add to library", icon=":material/bookmark_add:", width="stretch"):
        st.text_input("Name of the pose", key=board.key(_NAME))
        show_at(problems, "name")
        st.text_input("Tags, separated by commas", key=board.key(_TAGS))
        show_at(problems, "tags", "skeleton", "")
        if saved:
            st.button(
                "Save changes",
                key=board.key("saved.update"),
                type="primary",
                width="stretch",
                help=f"Overwrites the team's pose “{plain(saved.name)}”",
                on_click=_save,
                args=(board, _over(saved)),
            )
        st.button(
            "Save as new",
            key=board.key("saved.new"),
            width="stretch",
            on_click=_save,
            args=(board, _anew),
        )
    if "" in problems:
        st.error(plain(problems[""]))
    elif state.get(board.key(_DONE)):
        st.caption(state[board.key(_DONE)])


def _anew(name: str, tags: list[str], pose: Skeleton) -> SavedPose:
    return studio().poses.save(user(), name, tags, pose)


def _over(saved: SavedPose) -> Write:
    def write(name: str, tags: list[str], pose: Skeleton) -> SavedPose:
        changes = {"name": name, "tags": tuple(tags), "skeleton": pose}
        return studio().poses.update(user(), saved.model_copy(update=changes))

    return write


def _save(board: Board, write: Write) -> None:
    state = st.session_state
    pose = current_pose(board) or default_pose()
    try:
        saved = write(state[board.key(_NAME)], state[board.key(_TAGS)].split(","), pose)
    except ContrappostoError as error:
        state[board.key(_PROBLEMS)] = messages_of(error)
        state[board.key(_DONE)] = ""
        return
    remember(board, saved)
    state[board.key(_DONE)] = f"Saved as “{plain(saved.name)}”."
